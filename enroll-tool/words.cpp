#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <charconv>
#include <ctime>
#include <limits>

namespace faceauth::enroll {

const char* error_words(Errc code) {
  switch (code) {
    case Errc::ok:
      return "the daemon reported a failure without a cause; see its log";
    case Errc::invalid_argument:
      return "the daemon refused the request as malformed";
    case Errc::not_permitted:
      return "you are not permitted to do this; try it as root";
    case Errc::not_found:
      return "no such user or template; `enroll-tool list` shows what is registered";
    case Errc::no_usable_face:
      return "no usable face was seen";
    case Errc::duplicate_face:
      return "the face also matches another user";
    case Errc::busy:
      return "the daemon is busy; try again in a moment";
    case Errc::locked_out:
      return "locked out after too many failures; wait, or let root run `enroll-tool unlock`";
    case Errc::timed_out:
      return "nothing was seen in time; try again";
    case Errc::unreachable:
      return "the daemon does not answer; is faced running?";
    case Errc::protocol:
      return "the daemon broke the protocol; are faced and enroll-tool of the same version?";
    case Errc::camera_unavailable:
      return "the camera cannot be used; is it plugged in, and does another program hold it?";
    case Errc::wrong_password:
      return "the password is wrong";
    case Errc::wrong_key:
      return "the daemon's master key does not open its store; see its log";
    case Errc::corrupt:
      return "a stored record failed its integrity check; see the daemon's log";
    case Errc::newer_schema:
      return "the store was written by a later version; update faceauth";
    case Errc::no_space:
      return "the disk is full; nothing was stored";
    case Errc::io:
      return "the operating system refused a read or write; see the daemon's log";
    case Errc::unsafe_path:
      return "a file of the daemon can be written by others; see its log";
    case Errc::eye_failed:
      return "the vision process failed; try again, and see the daemon's log if it persists";
    case Errc::unsupported:
      return "the daemon does not offer this";
    case Errc::cancelled:
      return "the daemon is shutting down; try again when it runs";
    case Errc::internal:
      return "the daemon met an internal error; see its log";
    case Errc::camera_dark:
      return "the infrared camera delivers only dark frames; is its emitter on?";
    case Errc::camera_busy:
      return "another program is using the camera; `enroll-tool cameras` shows which";
  }
  return "the daemon met an internal error; see its log";
}

const char* verdict_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::error:
      return "could not be judged";
    case Verdict::match:
      return "matches";
    case Verdict::no_match:
      return "does not match";
    case Verdict::not_live:
      return "does not look like a living person";
    case Verdict::no_face:
      return "no face was seen";
    case Verdict::multiple_faces:
      return "several faces were seen";
    case Verdict::poor_quality:
      return "the picture is not good enough";
    case Verdict::not_enrolled:
      return "is not registered";
    case Verdict::locked_out:
      return "is locked out";
    case Verdict::disabled:
      return "face login is switched off";
    case Verdict::strong_auth_due:
      return "a password is due first";
    case Verdict::remote:
      return "a remote session may not use the camera";
    case Verdict::not_allowed:
      return "not permitted";
    case Verdict::busy:
      return "busy, try again in a moment";
    case Verdict::camera_unavailable:
      return "the camera cannot be used";
    case Verdict::timeout:
      return "nobody was recognised in time";
  }
  return "could not be judged";
}

std::string photo_advice(FaceIssue issue) {
  switch (issue) {
    case FaceIssue::none:
      return "nothing is wrong with it";
    case FaceIssue::unreadable:
      return "not a readable image; use a JPEG or PNG photo";
    case FaceIssue::too_large:
      return "the image is too large; use a smaller copy of it";
    case FaceIssue::no_face:
      return "no face found; use a photo that shows the face from the front";
    case FaceIssue::several_faces:
      return "several faces; use a photo of one person alone, or crop it";
    case FaceIssue::too_small:
      return "the face is too small; use a photo taken from nearer, or of a higher resolution";
    case FaceIssue::too_dark:
      return "the face is too dark; use a photo with more light on the face";
    case FaceIssue::too_bright:
      return "the face is too bright; use a photo with less light on the face";
    case FaceIssue::blurred:
      return "the face is blurred; use a sharp photo";
    case FaceIssue::turned_away:
      return "the face is turned away; use a photo that looks into the camera";
    case FaceIssue::too_close:
      return "the face fills the picture; use a photo that shows more around it";
    case FaceIssue::eyes_shut:
      return "the eyes are shut or hidden; use a photo that shows them open";
  }
  return "it cannot be used";
}

const char* camera_advice(FaceIssue issue) {
  switch (issue) {
    case FaceIssue::none:
      return "hold still";
    case FaceIssue::unreadable:
    case FaceIssue::too_large:
      return "the camera gives no usable picture";
    case FaceIssue::no_face:
      return "no face in view: look into the camera";
    case FaceIssue::several_faces:
      return "several faces in view: one person at a time";
    case FaceIssue::too_small:
      return "come closer to the camera";
    case FaceIssue::too_dark:
      return "too dark: turn on a light in front of you";
    case FaceIssue::too_bright:
      return "too bright: turn away from the light";
    case FaceIssue::blurred:
      return "blurred: hold still";
    case FaceIssue::turned_away:
      return "look straight into the camera";
    case FaceIssue::too_close:
      return "move back: your face fills the picture";
    case FaceIssue::eyes_shut:
      return "open your eyes; dark glasses hide them";
  }
  return "hold still";
}

const char* movement_words(Movement movement) {
  switch (movement) {
    case Movement::look_straight:
      return "good; look straight into the camera";
    case Movement::turn_left:
      return "now turn your head to the left";
    case Movement::turn_right:
      return "now turn your head to the right";
    case Movement::nod:
      return "now nod";
    case Movement::blink:
      return "now close your eyes for a moment";
  }
  return "look straight into the camera";
}

const char* pose_words(Pose pose) {
  switch (pose) {
    case Pose::straight:
      return "Look straight into the camera";
    case Pose::left:
      return "Turn your head a little to your left";
    case Pose::right:
      return "Turn your head a little to your right";
    case Pose::up:
      return "Raise your chin a little";
  }
  return "Look straight into the camera";
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    const auto next = i + 1 < out.size() ? static_cast<unsigned char>(out[i + 1]) : 0u;
    if (c < 0x20 || c == 0x7f) out[i] = '?';
    // The C1 controls in UTF-8: 0xc2 0x80..0x9f. A bare byte of that range is one in 8-bit terminals, where it
    // does not follow a lead byte.
    if (c == 0xc2 && next >= 0x80 && next <= 0x9f) out[i] = out[i + 1] = '?';
    if (c >= 0x80 && c <= 0x9f && (i == 0 || static_cast<unsigned char>(out[i - 1]) < 0x80)) out[i] = '?';
  }
  return out;
}

std::optional<std::string> iso_time(std::uint64_t unix_seconds) {
  if (unix_seconds > static_cast<std::uint64_t>(std::numeric_limits<std::time_t>::max())) return std::nullopt;
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  if (::gmtime_r(&seconds, &utc) == nullptr) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", std::int64_t{utc.tm_year} + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

namespace {

// "2024-05-01" or "2024-05-01T12:00:00Z", nothing less, nothing more, and only what the calendar has.
std::optional<std::uint64_t> calendar_moment(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    std::tm utc{};
    const char* end = ::strptime(text.c_str(), format, &utc);
    if (end == nullptr || *end != '\0') continue;
    const std::tm asked = utc;
    const std::time_t seconds = ::timegm(&utc);
    if (seconds < 0 || utc.tm_mday != asked.tm_mday || utc.tm_hour != asked.tm_hour) return std::nullopt;
    return static_cast<std::uint64_t>(seconds);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> moment(std::string_view text, std::uint64_t now) {
  if (text.empty()) return std::nullopt;
  const std::uint64_t unit = text.back() == 'm' ? 60 : text.back() == 'h' ? 3600 : text.back() == 'd' ? 86'400 : 0;
  if (unit == 0) return calendar_moment(std::string(text));
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [read, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || read != end) return std::nullopt;
  return count > now / unit ? 0 : now - count * unit;
}

}  // namespace faceauth::enroll
