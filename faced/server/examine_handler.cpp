// verify_begin and identify_begin: what a login would decide, and who this is.
#include <faced/auth/identifier.h>
#include <faced/auth/quality_gate.h>
#include <faced/server/audit.h>
#include <faced/server/authority.h>
#include <faced/server/gallery.h>
#include <faced/server/handlers.h>
#include <faced/server/look.h>
#include <faced/server/origin.h>
#include <faced/server/passwords.h>
#include <faced/server/photos.h>
#include <faced/server/scan.h>
#include <faced/server/watch.h>
#include <faced/util/log.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

milliseconds time_for(std::uint32_t asked_ms, milliseconds own) {
  const milliseconds wanted = asked_ms == 0 ? own : milliseconds(asked_ms);
  return std::clamp(wanted, milliseconds(limits::kTimeoutMinMs), milliseconds(limits::kTimeoutMaxMs));
}

const char* reason_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::match:
      return "everything that was asked for agreed";
    case Verdict::no_match:
      return "this is not the registered face or password";
    case Verdict::not_live:
      return "the liveness check was not convinced that a live person is there";
    case Verdict::no_face:
      return "nobody was seen";
    case Verdict::multiple_faces:
      return "more than one person was seen";
    case Verdict::poor_quality:
      return "the picture was too small, too dark, blurred or from the side";
    case Verdict::not_enrolled:
      return "nothing is registered for this user that could be compared";
    case Verdict::locked_out:
      return "too many failures; wait, or run: enroll-tool unlock USER";
    case Verdict::disabled:
      return "face login is switched off";
    case Verdict::strong_auth_due:
      return "a password is due first (after boot, or after the configured time)";
    case Verdict::remote:
      return "the request comes from a remote session";
    case Verdict::not_allowed:
      return "the service's policy does not allow it";
    case Verdict::busy:
      return "the camera or this user is busy with another request; try again";
    case Verdict::camera_unavailable:
      return "the camera cannot be used; see: enroll-tool status";
    case Verdict::timeout:
      return "the time was up before enough frames were seen";
    case Verdict::error:
      return "an internal error; see the daemon's log";
  }
  return "";
}

// Of a verdict that face_barred() gave.
wire::Obstacle obstacle_of(const Keeper& keeper, const UserSummary& user, Verdict verdict) {
  if (verdict == Verdict::not_enrolled && !user.templates.empty() && std::ranges::all_of(user.templates, is_incomplete))
    return wire::Obstacle::waits_for_scan;
  if (verdict != Verdict::disabled) return wire::Obstacle::none;
  if (keeper.sos.faces_off()) return wire::Obstacle::faces_off;
  return is_switched_off(keeper, user) ? wire::Obstacle::switched_off : wire::Obstacle::failures;
}

const char* reason_for(wire::Obstacle obstacle, Verdict verdict) {
  switch (obstacle) {
    case wire::Obstacle::none:
      return reason_for(verdict);
    case wire::Obstacle::faces_off:
      return "face login is switched off for everybody";
    case wire::Obstacle::switched_off:
      return "face login is switched off for this user";
    case wire::Obstacle::failures:
      return "face login is off after too many failures";
    case wire::Obstacle::waits_for_scan:
      return "an imported face waits for a scan that completes it";
  }
  return reason_for(verdict);
}

asio::awaitable<Examined> judge_photos(Keeper& keeper, const UserSummary& user, const Photos& photos) {
  Examined result;
  const std::shared_ptr<const Config> config = keeper.config;
  if (photos.sights.empty()) {
    result.verdict = verdict_of(photos.last_issue);
    co_return result;
  }
  const Result<std::vector<Template>> templates = keeper.store.templates(user.name);
  if (!templates) {
    log::error(templates.error().message, {{"FACEAUTH_USER", user.name}});
    co_return result;
  }
  const auto& models = keeper.eye.models();
  auto reference = models ? references_of(*templates, models->dlib, models->feature, config->adapt.on) : std::nullopt;
  if (!reference) {
    result.verdict = models ? Verdict::not_enrolled : Verdict::timeout;
    const bool in_infrared =
        models && reference_of(*templates, models->dlib, models->feature, Modality::infrared).has_value();
    if (models && !templates->empty()) result.why = in_infrared ? why::kNotInColor : why::kOtherEncoder;
    co_return result;
  }
  VerifierPolicy policy = verifier_policy(*config);
  policy.frames = static_cast<unsigned>(photos.sights.size());
  policy.tries = 1;
  policy.spacing = milliseconds{0};
  policy.liveness = false;  // a photo is none, and root knows that it shows one; the score is told all the same
  policy.attention = {};    // nobody sits there who could look up
  Attempt attempt(policy, std::move(*reference));
  std::optional<Verdict> verdict;
  for (const Secret<Sight>& sight : photos.sights) verdict = attempt.observe(*sight, Steady{});
  result.verdict = verdict.value_or(attempt.conclude());
  result.judged = attempt.judged();
  result.score = attempt.score();
  result.frames = attempt.frames();
  co_return result;
}

// The face, by the photos given or else by camera. A root who only looks is not counted (nor would he be locked out).
asio::awaitable<Examined> judge_face(Keeper& keeper, Connection& client, const UserSummary& user, const Photos& photos,
                                     milliseconds timeout) {
  if (const std::optional<Verdict> barred = face_barred(keeper, user)) {
    Examined refused;
    refused.verdict = *barred;
    co_return refused;
  }
  if (!photos.sights.empty() || photos.refused > 0) co_return co_await judge_photos(keeper, user, photos);
  co_return co_await scan_face(
      keeper, client, user.name,
      {.deadline = std::chrono::steady_clock::now() + timeout, .count = !client.peer().is_root()});
}

// `live`: it was looked at by camera, where liveness counts.
wire::VerifyResult result_for(const Keeper& keeper, const Connection& client, const Request& request,
                              const Examined& seen, wire::Obstacle obstacle, bool live) {
  wire::VerifyResult result;
  result.user = as_text(request.subject);
  result.verdict = seen.verdict;
  result.obstacle = obstacle;
  result.reason = as_text(seen.why != nullptr ? seen.why : reason_for(obstacle, seen.verdict));
  result.frames = seen.frames;
  if (client.peer().is_root() && seen.score) {
    result.scored = true;
    result.distance = seen.score->feature;
    const MatchThresholds thresholds = match_thresholds(*keeper.config);
    result.threshold = thresholds.feature;
    result.dlib = seen.score->dlib;
    result.dlib_threshold = thresholds.dlib;
    const VerifierPolicy policy = verifier_policy(*keeper.config);
    if (live && policy.liveness && policy.network) result.liveness_least = policy.liveness_min;
    result.liveness_measured = seen.score->liveness_measured;
    result.liveness = seen.score->liveness;
  }
  return result;
}

}  // namespace

asio::awaitable<bool> handle_verify(Keeper& keeper, Connection& client, Request request) {
  const Steady begun = std::chrono::steady_clock::now();
  wire::VerifyBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  const milliseconds timeout = time_for(begin.timeout_ms, time_to_look(*keeper.config, Intent::none));
  const bool with_password = begin.has_password;
  SecretBytes password = take_password(client, begin.password);
  if (!co_await client.send(wire::Type::ack, wire::Ack{static_cast<std::uint32_t>(timeout.count()) +
                                                       limits::kImageWithinMs + limits::kEyeStartMs}))
    co_return false;
  std::optional<Photos> photos = co_await receive_photos(keeper, client, gate_for_login);
  if (!photos) co_return false;
  // The camera is for whoever sits here now: the end of the photos may come long after the request.
  if (!client.peer().is_root() && !is_present(client.peer())) {
    record_refusal(keeper, client, request);
    co_await client.send_failure(Errc::not_permitted, kNotPresent);
    co_return false;
  }

  Examined seen;
  const Result<UserSummary> user = registered_user(keeper, request);
  if (!user && user.error().code != Errc::not_found) co_return co_await client.send_failure(user.error());
  const bool with_photos = !photos->sights.empty() || photos->refused > 0;
  if (!user) {
    seen.verdict = Verdict::not_enrolled;
  } else if (!with_password || with_photos) {
    seen = co_await judge_face(keeper, client, *user, *photos, timeout);
  }
  // A password alone is judged alone; with photos both must hold.
  const bool password_decides = !with_photos || seen.verdict == Verdict::match;
  if (user && with_password && password_decides) {
    const PasswordCheck check =
        co_await check_password(keeper, request.subject, std::move(password),
                                client.peer().is_root() ? PasswordUse::look_only : PasswordUse::suffices);
    seen.verdict = verdict_of(check);
    seen.judged = seen.judged || was_judged(check);
  }

  record_verdict(keeper, client, request, AuditKind::verify, seen.verdict, seen.judged);
  const wire::Obstacle obstacle = user ? obstacle_of(keeper, *user, seen.verdict) : wire::Obstacle::none;
  wire::VerifyResult result = result_for(keeper, client, request, seen, obstacle, !with_photos);
  result.elapsed_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun).count());
  co_return co_await client.send(wire::Type::verify_result, result);
}

asio::awaitable<bool> handle_identify(Keeper& keeper, Connection& client, Request request) {
  wire::IdentifyBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  const milliseconds timeout = time_for(begin.timeout_ms, keeper.config->timeout);
  if (!co_await client.send(wire::Type::ack, wire::Ack{static_cast<std::uint32_t>(timeout.count()) +
                                                       limits::kImageWithinMs + limits::kEyeStartMs}))
    co_return false;
  std::optional<Photos> photos = co_await receive_photos(keeper, client, gate_for_login);
  if (!photos) co_return false;
  wire::IdentifyResult result;
  Look seen{std::move(photos->sights), verdict_of(photos->last_issue)};
  if (seen.sights.empty() && photos->refused == 0) {
    Result<Look> looked = co_await look(keeper, client, std::chrono::steady_clock::now() + timeout);
    if (!looked) co_return co_await client.send_failure(looked.error());
    seen = std::move(*looked);
  }
  if (seen.sights.empty()) {
    result.verdict = seen.nothing;
    record_verdict(keeper, client, request, AuditKind::identify, result.verdict, false);
    co_return co_await client.send(wire::Type::identify_result, result);
  }
  const Secret<Encodings> probe = mean_of_all(seen.sights);
  const Result<Identifier::Answer> answer = co_await identify_in_gallery(keeper, *probe, seen.modality);
  if (!answer) co_return co_await client.send_failure(answer.error());
  result.verdict = answer->user ? Verdict::match : Verdict::no_match;
  const std::string name = answer->user.value_or("");
  request.subject = name;
  record_verdict(keeper, client, request, AuditKind::identify, result.verdict, true);
  result.user = as_text(name);
  result.scored = true;
  result.margin = answer->margin;
  co_return co_await client.send(wire::Type::identify_result, result);
}

}  // namespace faceauth
