// The one error vocabulary. Values travel on the wire: append, never renumber.
#pragma once

#include <cstdint>

namespace faceauth {

enum class Errc : std::uint8_t {
  ok = 0,
  invalid_argument = 1,     // the caller's request makes no sense; asking again will not help
  not_permitted = 2,        // the peer may not ask this
  not_found = 3,            // no such user or template
  no_usable_face = 4,       // the image or the camera showed no face to register
  duplicate_face = 5,       // the face matches another user; `--force` overrides
  busy = 6,                 // a bound was reached; try again shortly
  locked_out = 7,           // too many failures; wait or unlock
  timed_out = 8,            // a deadline passed
  unreachable = 9,          // the daemon does not answer
  protocol = 10,            // the peer broke the wire protocol
  camera_unavailable = 11,  // no camera, unplugged, taken, or refused by policy
  wrong_password = 12,      // the password was checked and is not the user's
  wrong_key = 13,           // the master key does not open this store
  corrupt = 14,             // a record or file failed its integrity check
  newer_schema = 15,        // written by a later version; nothing was touched
  no_space = 16,            // disk or map full; nothing was stored
  io = 17,                  // the operating system refused a read or write
  unsafe_path = 18,         // owner or mode of a file or a parent lets others write
  eye_failed = 19,          // faced-vision crashed, hung or answered garbage
  unsupported = 20,         // understood, but not offered by this version
  cancelled = 21,           // shutting down, or the client went away
  internal = 22,            // a bug; please report it
  camera_dark = 23,         // an infrared camera whose pictures nothing lights
  camera_busy = 24,         // another program streams from the camera
};
inline constexpr std::uint8_t kErrcLast = 24;

// Stable machine name ("not-permitted"); never null.
constexpr const char* errc_name(Errc e) noexcept {
  switch (e) {
    case Errc::ok:
      return "ok";
    case Errc::invalid_argument:
      return "invalid-argument";
    case Errc::not_permitted:
      return "not-permitted";
    case Errc::not_found:
      return "not-found";
    case Errc::no_usable_face:
      return "no-usable-face";
    case Errc::duplicate_face:
      return "duplicate-face";
    case Errc::busy:
      return "busy";
    case Errc::locked_out:
      return "locked-out";
    case Errc::timed_out:
      return "timed-out";
    case Errc::unreachable:
      return "unreachable";
    case Errc::protocol:
      return "protocol";
    case Errc::camera_unavailable:
      return "camera-unavailable";
    case Errc::wrong_password:
      return "wrong-password";
    case Errc::wrong_key:
      return "wrong-key";
    case Errc::corrupt:
      return "corrupt";
    case Errc::newer_schema:
      return "newer-schema";
    case Errc::no_space:
      return "no-space";
    case Errc::io:
      return "io";
    case Errc::unsafe_path:
      return "unsafe-path";
    case Errc::eye_failed:
      return "eye-failed";
    case Errc::unsupported:
      return "unsupported";
    case Errc::cancelled:
      return "cancelled";
    case Errc::internal:
      return "internal";
    case Errc::camera_dark:
      return "camera-dark";
    case Errc::camera_busy:
      return "camera-busy";
  }
  return "internal";
}

}  // namespace faceauth
