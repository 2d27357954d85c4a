#include <faced/server/scan.h>

#include <faced/auth/quality_gate.h>
#include <faced/server/audit.h>
#include <faced/server/movements.h>
#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <algorithm>
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

// Frames to the attempt until it is decided, the time is up or the client leaves.
asio::awaitable<Verdict> watch(Viewer& viewer, Attempt& attempt, Connection& client, Steady deadline) {
  Guidance guidance(client);
  for (;;) {
    Result<SharedFrame> frame = co_await viewer.next(deadline);
    if (!frame) {
      const bool time_is_up = frame.error().code == Errc::timed_out;
      co_return time_is_up || attempt.judged() ? attempt.conclude() : verdict_of(frame.error());
    }
    const eye::Frame& seen = ***frame;
    if (const auto verdict = attempt.observe(seen.sight, Steady(std::chrono::nanoseconds(seen.captured_ns))))
      co_return *verdict;
    if (client.peer_is_gone() || !co_await guidance.say(attempt.last_issue())) co_return attempt.conclude();
    if (std::chrono::steady_clock::now() >= deadline) co_return attempt.conclude();
  }
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

milliseconds time_to_look(const Config& config, Intent intent) {
  const milliseconds all = config.timeout + time_for(movements_for(config, intent, 0));
  return std::min(all, milliseconds(limits::kTimeoutMaxMs));
}

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
  auto reference = reference_of(*templates, keeper.eye.models()->dlib, keeper.eye.models()->feature);
  if (!reference) {
    log::notice("no template of the present models: register again", {{"FACEAUTH_USER", user}});
    result.verdict = Verdict::not_enrolled;
    co_return result;
  }
  templates->clear();

  Result<std::unique_ptr<Viewer>> viewer = keeper.eye.watch(*config);
  if (!viewer) {
    log::warning(viewer.error().message, {{"FACEAUTH_USER", user}});
    result.verdict = verdict_of(viewer.error());
    co_return result;
  }
  Movements movements = movements_for(*config, options.intent, unpredictable_byte());
  Secret<Encodings> mover = reference->clone();
  Attempt attempt(verifier_policy(*config), std::move(*reference));
  const Steady recognise_by = movements.empty()
                                  ? options.deadline
                                  : std::min(options.deadline, std::chrono::steady_clock::now() + config->timeout);
  Verdict seen = co_await watch(**viewer, attempt, client, recognise_by);
  result.judged = attempt.judged();
  if (seen == Verdict::match && !movements.empty()) {
    Challenge challenge(challenge_policy(*config), std::move(movements), std::move(mover));
    if (!co_await moves_as_told(**viewer, client, challenge, options.deadline)) {
      // Without a nod the person did not mean it, and nothing was held against him; an attacker fails the movements.
      const bool attack = config->liveness == LivenessMode::active;
      seen = attack ? Verdict::not_live : Verdict::not_allowed;
      result.judged = attack;
    }
  }
  viewer->reset();

  result.score = attempt.score();
  result.frames = attempt.frames();
  Result<UserSummary> fresh = keeper.store.user(user);
  if (!fresh) co_return result;
  // Things may have changed while we looked: a match counts only if the face may still be used.
  const std::optional<Verdict> barred = face_barred(keeper, *fresh);
  if (options.count && result.judged && !barred && !count_result(keeper, user, seen)) co_return result;
  result.verdict = barred && seen == Verdict::match ? *barred : seen;
  co_return result;
}

}  // namespace faceauth
