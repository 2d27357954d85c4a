#include <enroll-tool/exit_codes.h>

namespace faceauth::enroll {

Exit exit_of(Errc code) {
  switch (code) {
    case Errc::ok:
      return Exit::ok;
    case Errc::duplicate_face:
    case Errc::timed_out:  // the keeper looked and saw nobody in time; a silent keeper is `unreachable`
      return Exit::negative;
    case Errc::invalid_argument:
      return Exit::usage;
    case Errc::not_permitted:
    case Errc::wrong_password:
      return Exit::not_permitted;
    case Errc::not_found:
      return Exit::not_found;
    case Errc::no_usable_face:
      return Exit::no_usable_face;
    case Errc::unreachable:
    case Errc::cancelled:
      return Exit::unreachable;
    case Errc::busy:
    case Errc::locked_out:
      return Exit::refused_now;
    case Errc::camera_unavailable:
    case Errc::camera_dark:
    case Errc::camera_busy:
      return Exit::camera;
    case Errc::protocol:
    case Errc::wrong_key:
    case Errc::corrupt:
    case Errc::newer_schema:
    case Errc::no_space:
    case Errc::io:
    case Errc::unsafe_path:
    case Errc::eye_failed:
    case Errc::unsupported:
    case Errc::internal:
      return Exit::internal;
  }
  return Exit::internal;
}

Exit exit_of(Verdict verdict, bool from_image) {
  switch (verdict) {
    case Verdict::match:
      return Exit::ok;
    case Verdict::no_match:
    case Verdict::not_live:
    case Verdict::strong_auth_due:
    case Verdict::timeout:
      return Exit::negative;
    case Verdict::no_face:
    case Verdict::multiple_faces:
    case Verdict::poor_quality:
      return from_image ? Exit::no_usable_face : Exit::negative;
    case Verdict::not_enrolled:
      return Exit::not_found;
    case Verdict::locked_out:
    case Verdict::disabled:
    case Verdict::busy:
      return Exit::refused_now;
    case Verdict::remote:
    case Verdict::not_allowed:
      return Exit::not_permitted;
    case Verdict::camera_unavailable:
      return Exit::camera;
    case Verdict::error:
      return Exit::internal;
  }
  return Exit::internal;
}

Verdict verdict_of(Errc code) {
  switch (code) {
    case Errc::not_permitted:
      return Verdict::not_allowed;
    case Errc::not_found:
      return Verdict::not_enrolled;
    case Errc::no_usable_face:
      return Verdict::no_face;
    case Errc::wrong_password:
      return Verdict::no_match;
    case Errc::locked_out:
      return Verdict::locked_out;
    case Errc::busy:
      return Verdict::busy;
    case Errc::camera_unavailable:
    case Errc::camera_dark:
    case Errc::camera_busy:
      return Verdict::camera_unavailable;
    case Errc::timed_out:
      return Verdict::timeout;
    default:
      return Verdict::error;
  }
}

}  // namespace faceauth::enroll
