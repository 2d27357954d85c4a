#include <faced/server/scan.h>

#include <faced/auth/quality_gate.h>
#include <faced/server/audit.h>
#include <faced/server/movements.h>
#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

Verdict verdict_of(const Error& error) {
  switch (error.code) {
    case Errc::busy:
      return Verdict::busy;
    case Errc::camera_unavailable:
    case Errc::not_permitted:
      return Verdict::camera_unavailable;
    case Errc::eye_failed:
    case Errc::timed_out:
    case Errc::cancelled:
      return Verdict::timeout;
    default:
      return Verdict::error;
  }
}

// Tells the person what is wrong with the picture: on a change, and not more than twice a second.
class Guidance {
 public:
  explicit Guidance(Connection& client) : client_(client) {}

  asio::awaitable<bool> say(FaceIssue issue) {
    const Steady now = std::chrono::steady_clock::now();
    if (issue == said_ || now < quiet_until_) co_return true;
    said_ = issue;
    quiet_until_ = now + kPause;
    co_return co_await client_.send(wire::Type::notice,
                                    wire::NoticeBody{wire::Notice::frame_issue, static_cast<std::uint8_t>(issue), 0});
  }

 private:
  static constexpr milliseconds kPause{500};
  Connection& client_;
  FaceIssue said_ = FaceIssue::none;
  Steady quiet_until_{};
};

// Frames to the attempt until it is decided, the time is up or the client leaves. `box` becomes where the face was that
// decided it.
asio::awaitable<Verdict> watch(Viewer& viewer, Attempt& attempt, Connection& client, Steady deadline,
                               std::array<float, 4>& box) {
  Guidance guidance(client);
  for (;;) {
    Result<SharedFrame> frame = co_await viewer.next(deadline);
    if (!frame) {
      const bool time_is_up = frame.error().code == Errc::timed_out;
      co_return time_is_up || attempt.judged() ? attempt.conclude() : verdict_of(frame.error());
    }
    const eye::Frame& seen = ***frame;
    box = seen.sight.box;
    if (const auto verdict = attempt.observe(seen.sight, Steady(std::chrono::nanoseconds(seen.captured_ns))))
      co_return *verdict;
    if (client.peer_is_gone() || !co_await guidance.say(attempt.last_issue())) co_return attempt.conclude();
    if (std::chrono::steady_clock::now() >= deadline) co_return attempt.conclude();
  }
}

using Reference = std::optional<References>;

// The user's mean templates by the present models, of those that may be used.
Reference present_reference(const Keeper& keeper, const Config& config, const std::vector<Template>& templates) {
  return references_of(templates, keeper.eye.models()->dlib, keeper.eye.models()->feature, config.adapt.on);
}

// The counters after a judged face. False when they could not be stored.
bool count_result(Keeper& keeper, const std::string& user, Verdict verdict) {
  const Result<void> stored = count_attempt(keeper, user, [&](UserState& state) {
    if (verdict == Verdict::match)
      face_matched(state);
    else
      face_refused(state, keeper.config->lockout, keeper.clock.unix_time());
  });
  if (!stored) log::error("counting a face attempt: " + stored.error().message, {{"FACEAUTH_USER", user}});
  return stored.has_value();
}

}  // namespace

std::optional<Verdict> face_barred(const Keeper& keeper, const UserSummary& user) {
  const UnixTime now = keeper.clock.unix_time();
  if (user.templates.empty()) return Verdict::not_enrolled;
  if (user.state.switched_off || keeper.sos.faces_off()) return Verdict::disabled;
  switch (face_hold(user.state, keeper.config->lockout, now)) {
    case Hold::waiting:
      return Verdict::locked_out;
    case Hold::disabled:
      return Verdict::disabled;
    case Hold::none:
      break;
  }
  if (strong_auth_due(user.state, keeper.config->strong_auth, now, keeper.boot)) return Verdict::strong_auth_due;
  return std::nullopt;
}

asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_camera(Keeper& keeper, std::shared_ptr<const Config> config) {
  const bool is_device = config->camera.device == "auto" || config->camera.device.starts_with('/');
  const bool lid_closed = config->camera.lid_counts && is_device && co_await keeper.lid.is_closed();
  co_return keeper.eye.watch(*config, lid_closed);
}

std::string camera_source(const Keeper& keeper) { return "camera " + keeper.eye.camera_mark(); }

milliseconds time_to_look(const Config& config, Intent intent) {
  const milliseconds all = config.timeout + time_for(movements_for(config, intent, 0));
  return std::min(all, milliseconds(limits::kTimeoutMaxMs));
}

namespace {

// What the probe is held against; nothing when no template is of the camera in use and the policy says that it must be.
Reference reference_at_camera(Keeper& keeper, const Config& config, const std::string& user,
                              std::vector<Template> templates) {
  if (config.camera.same_as_enrolled)
    std::erase_if(templates, [&](const Template& t) { return t.info.source != camera_source(keeper); });
  Reference reference = present_reference(keeper, config, templates);
  if (!reference) log::notice("no template was made with this camera: register before it", {{"FACEAUTH_USER", user}});
  return reference;
}

// Things may have changed while we looked: a match counts only if the face may still be used, and is still his.
void settle(Keeper& keeper, const UserSummary& known, Verdict seen, bool count, Examined& result) {
  const Result<UserSummary> fresh = keeper.store.user(known.name);
  if (!fresh) return;
  if (fresh->registration != known.registration) {
    result.verdict = Verdict::not_enrolled;
    result.judged = false;
    return;
  }
  const std::optional<Verdict> barred = face_barred(keeper, *fresh);
  if (count && result.judged && !barred && !count_result(keeper, known.name, seen)) return;
  result.verdict = barred && seen == Verdict::match ? *barred : seen;
}

// Less than this beside the movements recognises nobody.
constexpr milliseconds kRecogniseLeast{400};

// Until when the face must be recognised, so that all movements still have their time. Nothing when that is now: a time
// that cannot suffice must not be held against the person, nor light the camera.
std::optional<Steady> recognise_until(const Movements& movements, Steady deadline) {
  const Steady until = deadline - time_for(movements);
  if (movements.empty() || until - std::chrono::steady_clock::now() >= kRecogniseLeast) return until;
  static bool warned = false;  // by one thread
  if (!std::exchange(warned, true))
    log::warning(fmt::format("a login's timeout leaves no time to recognise a face: the movements alone may take {} s",
                             time_for(movements) / std::chrono::seconds(1)));
  return std::nullopt;
}

struct Seen {
  Verdict verdict = Verdict::error;
  bool judged = false;
};

// Of a challenge: who has to move as he is told and does not is an attacker (liveness "active"); without a nod the
// person did not mean it, and nothing is held against him unless another face or a recording nodded.
Seen seen_of(const Result<Obeyed>& obeyed, Challenge::Failure failure, LivenessMode mode) {
  if (!obeyed) return {verdict_of(obeyed.error()), false};
  if (*obeyed == Obeyed::yes) return {Verdict::match, true};
  if (mode == LivenessMode::active || failure == Challenge::Failure::not_live) return {Verdict::not_live, true};
  if (failure == Challenge::Failure::other_face) return {Verdict::no_match, true};
  return {Verdict::not_allowed, false};
}

}  // namespace

asio::awaitable<Examined> scan_face(Keeper& keeper, Connection& client, std::string user, ScanOptions options) {
  Examined result;
  const InUse only_one(keeper.faces_in_view, user);
  if (!only_one.held()) {
    result.verdict = Verdict::busy;
    co_return result;
  }
  if (keeper.faces_in_view.size() > limits::kCameraWaitersMax) {
    result.verdict = Verdict::busy;
    co_return result;
  }
  // The caller may have waited for a person since he looked.
  const Result<UserSummary> known = keeper.store.user(user);
  if (!known) co_return result;
  if (const std::optional<Verdict> barred = face_barred(keeper, *known)) {
    result.verdict = *barred;
    co_return result;
  }
  const std::shared_ptr<const Config> config = keeper.config;
  Movements movements = movements_for(*config, options.intent, unpredictable_byte());
  const std::optional<Steady> recognise_by = recognise_until(movements, options.deadline);
  if (!recognise_by) {
    result.verdict = Verdict::timeout;
    co_return result;
  }
  if (!co_await client.send(wire::Type::notice, wire::NoticeBody{wire::Notice::scanning})) co_return result;
  if (Result<void> ready = co_await keeper.eye.ready(options.deadline); !ready) {
    result.verdict = verdict_of(ready.error());
    co_return result;
  }
  Result<std::vector<Template>> templates = keeper.store.templates(user);
  if (!templates) {
    log::error(templates.error().message, {{"FACEAUTH_USER", user}});
    co_return result;
  }
  if (!present_reference(keeper, *config, *templates)) {
    log::notice("no template of the present encoder: register again", {{"FACEAUTH_USER", user}});
    result.verdict = Verdict::not_enrolled;
    result.other_encoder = true;
    co_return result;
  }
  Result<std::unique_ptr<Viewer>> viewer = co_await watch_camera(keeper, config);
  if (!viewer) {
    log::warning(viewer.error().message, {{"FACEAUTH_USER", user}});
    result.verdict = verdict_of(viewer.error());
    co_return result;
  }
  if (!keeper.eye.models()) co_return result;  // the eye has gone meanwhile
  Reference reference = reference_at_camera(keeper, *config, user, *std::move(templates));
  if (!reference) {
    result.verdict = Verdict::not_enrolled;
    co_return result;
  }
  Secret<Encodings> mover = reference->core.clone();
  Attempt attempt(verifier_policy(*config), std::move(*reference));
  LastSeen last;
  Seen seen{co_await watch(**viewer, attempt, client, *recognise_by, last.box)};
  seen.judged = attempt.judged();
  if (seen.verdict == Verdict::match && !movements.empty()) {
    last.repetition = attempt.repetition();
    Challenge challenge(challenge_policy(*config), std::move(movements), std::move(mover), std::move(last));
    const Result<Obeyed> obeyed = co_await moves_as_told(**viewer, client, challenge, options.deadline);
    seen = seen_of(obeyed, challenge.failure(), config->liveness);
  }
  viewer->reset();

  result.judged = seen.judged;
  result.score = attempt.score();
  result.frames = attempt.frames();
  settle(keeper, *known, seen.verdict, options.count, result);
  if (result.verdict == Verdict::match) result.candidate = attempt.take_candidate();
  co_return result;
}

}  // namespace faceauth
