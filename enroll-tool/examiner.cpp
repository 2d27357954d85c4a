#include <enroll-tool/connection.h>
#include <enroll-tool/examiner.h>
#include <enroll-tool/output.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

constexpr const char* kFace = "face";
constexpr const char* kSecond = "second recogniser";
constexpr const char* kLiveness = "liveness";

bool refused(const std::vector<Check>& checks, const char* name) {
  return std::any_of(checks.begin(), checks.end(), [&](const Check& c) { return c.name == name && !c.held; });
}

std::string after_no_match(const std::string& user, const std::vector<Check>& checks, bool from_image) {
  if (checks.empty())
    return from_image ? "compare with a sharp photo that shows the face from the front"
                      : fmt::format(
                            "if this is {0}: look straight into the camera, with light on the face, and try "
                            "again; if it fails often, `enroll-tool enroll {0}` adds today's looks",
                            user);
  const bool face = refused(checks, kFace), second = refused(checks, kSecond);
  if (!face && !second)
    return "the mean of the frames would do, but one frame by itself looks like somebody else: nobody else should "
           "stand in view";
  if (face && second)
    return fmt::format(
        "both recognisers see another person; if this is {0} all the same, register {0} again: glasses, "
        "beard or the light have changed much",
        user);
  return fmt::format(
      "the recognisers disagree, as they do in bad light or with a face seen from the side: try with light from the "
      "front; `enroll-tool enroll {}` adds today's looks",
      user);
}

std::string after_disabled(const std::string& user, wire::Obstacle obstacle) {
  switch (obstacle) {
    case wire::Obstacle::faces_off:
      return "log in with the password; root ends it for everybody with: enroll-tool enable";
    case wire::Obstacle::failures:
      return fmt::format("log in once with the password, or as root: enroll-tool unlock {}", user);
    default:
      return fmt::format("switch it on again: enroll-tool enable {}", user);
  }
}

}  // namespace

std::vector<Check> checks_of(const wire::VerifyResult& r) {
  std::vector<Check> checks;
  if (!r.scored) return checks;
  checks.push_back({kFace, r.distance <= r.threshold, r.distance, r.threshold, false});
  if (r.dlib_threshold > 0) checks.push_back({kSecond, r.dlib <= r.dlib_threshold, r.dlib, r.dlib_threshold, false});
  if (r.liveness_measured && r.liveness_least > 0)
    checks.push_back({kLiveness, r.liveness >= r.liveness_least, r.liveness, r.liveness_least, true});
  return checks;
}

std::string words_of(const Check& c) {
  if (!std::isfinite(c.seen)) return "refused: there was nothing to compare";
  const std::string figures = fmt::format("{:.4f} of at {} {:.4f}", c.seen, c.at_least ? "least" : "most", c.limit);
  if (c.held) return fmt::format("held: {}", figures);
  return fmt::format("refused: {}, {:.4f} too {}", figures, std::fabs(c.seen - c.limit), c.at_least ? "low" : "far");
}

std::string advice_for(const wire::VerifyResult& result, const std::vector<Check>& checks, bool from_image) {
  const std::string user = string_of(result.user);
  switch (result.verdict) {
    case Verdict::match:
      return "";
    case Verdict::no_match:
      return after_no_match(user, checks, from_image);
    case Verdict::not_live:
      return "show your shoulders and what is around you, avoid a lamp behind you, and wipe the lens; if your camera "
             "is refused always, `liveness.mode = \"active\"` asks for movements instead";
    case Verdict::no_face:
    case Verdict::timeout:
      return "sit in front of the camera at arm's length, with its shutter open; `enroll-tool status` names the camera";
    case Verdict::multiple_faces:
      return "only one person may be in view; posters and screens behind you count too";
    case Verdict::poor_quality:
      return "come nearer, look straight into the camera, and turn on a light in front of you";
    case Verdict::not_enrolled:
      return result.obstacle == wire::Obstacle::waits_for_scan
                 ? fmt::format("complete it with one scan by camera: enroll-tool enroll {}", user)
                 : fmt::format("register: enroll-tool enroll {}", user);
    case Verdict::locked_out:
      return fmt::format("wait, log in with the password, or as root: enroll-tool unlock {}", user);
    case Verdict::disabled:
      return after_disabled(user, result.obstacle);
    case Verdict::strong_auth_due:
      return "log in once with the password; from then on the face counts again";
    case Verdict::remote:
      return "sit at this machine: whoever logs in from afar is not in front of its camera";
    case Verdict::not_allowed:
      return "the configuration decides that; root can read it in /etc/faceauth/faced.toml";
    case Verdict::busy:
      return "another login is looking; try again in a moment";
    case Verdict::camera_unavailable:
    case Verdict::error:
      return "run: enroll-tool doctor";
  }
  return "";
}

nlohmann::ordered_json json_of(const std::vector<Check>& checks) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Check& c : checks)
    all.push_back({{"check", c.name},
                   {"held", c.held},
                   {"seen", rounded(c.seen)},
                   {c.at_least ? "least" : "most", rounded(c.limit)}});
  return all;
}

}  // namespace faceauth::enroll
