#include <faced/server/scan.h>

#include <faced/auth/quality_gate.h>
#include <faced/server/audit.h>
#include <faced/server/movements.h>
#include <faced/server/unjudged.h>
#include <faced/server/watch.h>
#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

using Reference = std::optional<References>;

// The user's mean templates of this light by the present models, of those that may be used.
Reference present_reference(const Keeper& keeper, const Config& config, std::span<const Template> templates,
                            Modality modality) {
  const auto& models = keeper.eye.models();
  return references_of(templates, models->dlib, models->feature, config.adapt.on, modality);
}

// The counters after a judged face. False when they could not be stored.
bool count_result(Keeper& keeper, const std::string& user, Verdict verdict) {
  const Result<void> stored = count_attempt(keeper, user, [&](UserState& state) {
    if (verdict == Verdict::match)
      face_matched(state);
    else
      face_refused(state, keeper.config->lockout, keeper.clock.wait_time());
  });
  if (!stored) log::error("counting a face attempt: " + stored.error().message, {{"FACEAUTH_USER", user}});
  return stored.has_value();
}

}  // namespace

std::optional<Verdict> face_barred(const Keeper& keeper, const UserSummary& user) {
  if (std::ranges::all_of(user.templates, is_incomplete)) return Verdict::not_enrolled;
  if (is_switched_off(keeper, user) || keeper.sos.faces_off()) return Verdict::disabled;
  switch (face_hold(user.state, keeper.config->lockout, keeper.clock.wait_time())) {
    case Hold::waiting:
      return Verdict::locked_out;
    case Hold::disabled:
      return Verdict::disabled;
    case Hold::none:
      break;
  }
  if (strong_auth_due(user.state, keeper.config->strong_auth, keeper.clock.wait_time(), keeper.boot))
    return Verdict::strong_auth_due;
  return std::nullopt;
}

asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_camera(Keeper& keeper, std::shared_ptr<const Config> config,
                                                              Steady deadline, std::size_t place, Fd pictures) {
  const CameraPolicy& policy = config->camera_at(place);
  const bool is_device = policy.device == "auto" || policy.device.starts_with('/');
  const bool lid_closed = policy.lid_counts && is_device && co_await keeper.lid.is_closed();
  if (!pictures.valid()) co_return co_await keeper.eye.watch(*config, deadline, lid_closed, place);
  co_return co_await keeper.eye.watch_and_show(*config, std::move(pictures), deadline, lid_closed, place);
}

std::string camera_source(const Keeper& keeper, std::size_t place) {
  return source_of(keeper.eye.modality(place), keeper.eye.camera_mark(place));
}

milliseconds time_to_look(const Config& config, Intent intent) {
  const milliseconds all = config.timeout + time_for(movements_for(config, intent, 0));
  return std::min(all, milliseconds(limits::kTimeoutMaxMs));
}

namespace {

using Viewers = std::vector<std::unique_ptr<Viewer>>;

// All the cameras that a login asks, streaming, the first one first.
asio::awaitable<Result<Viewers>> open_cameras(Keeper& keeper, std::shared_ptr<const Config> config, Steady deadline) {
  Viewers viewers;
  for (std::size_t place = 0; place < config->cameras_asked(); ++place) {
    Result<std::unique_ptr<Viewer>> viewer = co_await watch_camera(keeper, config, deadline, place);
    if (!viewer) co_return fail(std::move(viewer));
    viewers.push_back(std::move(*viewer));
  }
  co_return std::move(viewers);
}

// What the probe of one camera is held against; nothing when no template is of its light, or of that very camera where
// the policy says that it must be. Reorders the templates.
Reference reference_at_camera(Keeper& keeper, const Config& config, std::vector<Template>& templates,
                              std::size_t place) {
  auto end = templates.end();
  if (config.camera_at(place).same_as_enrolled)
    end =
        std::partition(templates.begin(), templates.end(),
                       [source = camera_source(keeper, place)](const Template& t) { return t.info.source == source; });
  const auto count = static_cast<std::size_t>(end - templates.begin());
  return present_reference(keeper, config, std::span(templates).first(count), keeper.eye.modality(place));
}

// Each camera with an attempt of its own; none, and `result` says why, when there is nothing to hold one against.
std::vector<CameraLook> begin_looks(Keeper& keeper, const Peer& peer, const Config& config,
                                    std::vector<Template> templates, Viewers viewers, const std::string& user,
                                    Examined& result) {
  std::vector<CameraLook> looks;
  for (std::size_t place = 0; place < viewers.size(); ++place) {
    Reference reference = reference_at_camera(keeper, config, templates, place);
    if (!reference) {
      const Modality modality = keeper.eye.modality(place);
      const bool none = !present_reference(keeper, config, templates, modality);
      if (none) result.why = modality == Modality::infrared ? why::kNotInInfrared : why::kNotInColor;
      if (may_log_unjudged(keeper, peer))
        log::notice(none ? result.why : "no template was made with this camera: register before it",
                    {{"FACEAUTH_USER", user}});
      result.verdict = Verdict::not_enrolled;
      return {};
    }
    looks.emplace_back(std::move(viewers[place]), login_policy(config, place, keeper.eye.modality(place)),
                       std::move(*reference));
  }
  return looks;
}

// Things may have changed while we looked: a match counts only if the face may still be used, and is still his.
void settle(Keeper& keeper, const UserSummary& known, Verdict seen, bool count, Examined& result) {
  const Result<UserSummary> fresh = keeper.store.user(known.name);
  if (!fresh) return;
  if (fresh->registration != known.registration) {
    result.verdict = Verdict::not_enrolled;
    result.why = nullptr;
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
  bool judged = false;  // and counts
};

struct Deadlines {
  Steady recognise, all;
};

// Of a challenge: who has to move as he is told and does not is an attacker (liveness "active"); without a nod the
// person did not mean it, and nothing is held against him unless another face or a recording nodded. Who leaves before
// he was told anything has drawn no order.
// A camera that stops, freezes or goes dark, and an eye that dies, say nothing of the person, but once part of an order
// is known they cost a try: whoever can pull the plug, cover the emitter or break the eye would else draw orders until
// one comes that his recording fits.
Seen seen_of(const Result<Obeyed>& obeyed, const Challenge& challenge, LivenessMode mode) {
  const bool active = mode == LivenessMode::active, order_known = active && challenge.has_asked();
  if (challenge.failure() == Challenge::Failure::frozen) return {Verdict::camera_unavailable, order_known};
  // The keeper's own stop is nobody's doing.
  if (!obeyed) return {verdict_of(obeyed.error()), order_known && obeyed.error().code != Errc::cancelled};
  if (*obeyed == Obeyed::yes) return {Verdict::match, true};
  if (*obeyed == Obeyed::client_left && !challenge.has_asked()) return {Verdict::timeout, false};
  if (active || challenge.failure() == Challenge::Failure::not_live) return {Verdict::not_live, true};
  if (challenge.failure() == Challenge::Failure::other_face) return {Verdict::no_match, true};
  return {Verdict::not_allowed, false};
}

// Why nobody is looked at now; nothing when the user's face may be tried.
std::optional<Verdict> kept_from_camera(const Keeper& keeper, const InUse& only_one, const UserSummary& user) {
  if (!only_one.held() || keeper.faces_in_view.size() > limits::kCameraWaitersMax) return Verdict::busy;
  return face_barred(keeper, user);  // the caller may have waited for a person since he looked
}

// The user's templates, if any is of the present encoder; else `result` says what is wrong.
std::optional<std::vector<Template>> present_templates(Keeper& keeper, const Config& config, const Peer& peer,
                                                       const std::string& user, Examined& result) {
  Result<std::vector<Template>> templates = keeper.store.templates(user);
  if (!templates) {
    log::error(templates.error().message, {{"FACEAUTH_USER", user}});
    return std::nullopt;
  }
  for (const Modality modality : {Modality::color, Modality::infrared})
    if (present_reference(keeper, config, *templates, modality)) return *std::move(templates);
  if (may_log_unjudged(keeper, peer))
    log::notice("no template of the present encoder: register again", {{"FACEAUTH_USER", user}});
  result.verdict = Verdict::not_enrolled;
  result.why = why::kOtherEncoder;
  return std::nullopt;
}

// Recognises, then asks for the movements.
asio::awaitable<Seen> judge(Keeper& keeper, Connection& client, const Config& config, Movements movements,
                            std::vector<CameraLook> looks, Deadlines until, Examined& result) {
  const JointVerdict joint = co_await watch(looks, client, until.recognise);
  const Seen seen{joint.verdict.verdict, joint.verdict.judged};
  const CameraLook& decided = looks[joint.decided_by];
  result.why = decided.why;
  result.score = decided.attempt.score();
  for (const CameraLook& look : looks) result.frames += look.attempt.frames();
  if (seen.verdict == Verdict::match && keeper.eye.modality() == Modality::color)
    result.candidate = looks.front().attempt.take_candidate();
  if (seen.verdict != Verdict::match || movements.empty()) co_return seen;
  CameraLook& look = looks.front();
  LastSeen last{.repetition = look.attempt.repetition()};
  if (looks.size() == 1) last.box = look.box;  // else the face may have moved while the other camera decided
  while (looks.size() > 1) looks.pop_back();   // who moves is watched by the first camera
  Challenge challenge(challenge_policy(config, keeper.eye.modality()), std::move(movements), std::move(look.references),
                      std::move(last));
  const Result<Obeyed> obeyed = co_await moves_as_told(*look.viewer, client, challenge, until.all);
  co_return seen_of(obeyed, challenge, config.liveness);
}

}  // namespace

asio::awaitable<Examined> scan_face(Keeper& keeper, Connection& client, std::string user, ScanOptions options) {
  Examined result;
  const InUse only_one(keeper.faces_in_view, user);
  const Result<UserSummary> known = keeper.store.user(user);
  if (!known) co_return result;
  if (const std::optional<Verdict> kept = kept_from_camera(keeper, only_one, *known)) {
    result.verdict = *kept;
    co_return result;
  }
  const std::shared_ptr<const Config> config = keeper.config;
  Movements movements = movements_for(*config, options.intent, unpredictable_byte());
  const std::optional<Steady> recognise_by = recognise_until(movements, options.deadline);
  if (!recognise_by) {
    result.verdict = Verdict::timeout;
    co_return result;
  }
  const wire::NoticeBody begins{wire::Notice::scanning, static_cast<std::uint8_t>(options.typing)};
  if (!co_await client.send(wire::Type::notice, begins)) co_return result;
  if (Result<void> ready = co_await keeper.eye.ready(options.deadline); !ready) {
    result.verdict = verdict_of(ready.error());
    co_return result;
  }
  std::optional<std::vector<Template>> templates = present_templates(keeper, *config, client.peer(), user, result);
  if (!templates) co_return result;
  Result<Viewers> viewers = co_await open_cameras(keeper, config, options.deadline);
  if (!viewers) {
    if (may_log_unjudged(keeper, client.peer())) log::warning(viewers.error().message, {{"FACEAUTH_USER", user}});
    result.verdict = verdict_of(viewers.error());
    co_return result;
  }
  if (!keeper.eye.models()) co_return result;  // the eye has gone meanwhile
  std::vector<CameraLook> looks =
      begin_looks(keeper, client.peer(), *config, *std::move(templates), *std::move(viewers), user, result);
  if (looks.empty()) co_return result;
  const Deadlines until{*recognise_by, options.deadline};
  const Seen seen = co_await judge(keeper, client, *config, std::move(movements), std::move(looks), until, result);
  result.judged = seen.judged;
  settle(keeper, *known, seen.verdict, options.count, result);
  if (result.verdict != Verdict::match) result.candidate.reset();
  co_return result;
}

}  // namespace faceauth
