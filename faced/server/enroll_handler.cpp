// enroll_begin: photos (root) or the camera become templates. Everything is checked first and stored in one step last.
#include <faced/auth/identifier.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/verifier.h>
#include <faced/crypto/aead.h>
#include <faced/server/announce.h>
#include <faced/server/audit.h>
#include <faced/server/enrol_views.h>
#include <faced/server/handlers.h>
#include <faced/server/movements.h>
#include <faced/server/news.h>
#include <faced/server/passwords.h>
#include <faced/server/photos.h>
#include <faced/server/scan.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kCameraTemplates = 5;
constexpr milliseconds kCameraSpacing{400};  // so that five templates are not five times the same moment
constexpr milliseconds kCameraWithin{60'000};

struct Enrolment {
  std::string label, source;
  bool force = false;
  std::optional<SecretBytes> password;
  std::optional<RegistrationId> registered;  // whom it adds to; nothing: it registers him
};

// With liveness "active": whoever was just seen has to move as he is told.
asio::awaitable<Result<void>> ask_to_move(Keeper& keeper, Connection& client, Viewer& viewer,
                                          const std::vector<Secret<Sight>>& taken, Repetition repetition) {
  const std::shared_ptr<const Config> config = keeper.config;
  const Movements movements = movements_for(*config, Intent::none, unpredictable_byte());
  if (movements.empty()) co_return Result<void>{};
  Challenge challenge(challenge_policy(*config), movements, mean_of_all(taken),
                      {.box = taken.back()->box, .repetition = std::move(repetition)});
  const Steady deadline = std::chrono::steady_clock::now() + time_for(movements);
  const Result<Obeyed> obeyed = co_await moves_as_told(viewer, client, challenge, deadline);
  if (!obeyed) co_return tl::unexpected<Error>(obeyed.error());
  if (*obeyed == Obeyed::yes) co_return Result<void>{};
  co_return fail(Errc::no_usable_face, "the movements asked for were not seen; nothing was stored");
}

// One good frame after another, each far enough from the last, live if liveness is asked for.
asio::awaitable<Result<std::vector<Secret<Sight>>>> capture(Keeper& keeper, Connection& client) {
  const std::shared_ptr<const Config> config = keeper.config;
  const VerifierPolicy policy = verifier_policy(*config);
  const Steady deadline = std::chrono::steady_clock::now() + kCameraWithin;
  if (!policy.liveness && !co_await client.send(wire::Type::notice, wire::NoticeBody{wire::Notice::weak_liveness}))
    co_return fail(Errc::cancelled, "the client went away");
  if (Result<void> ready = co_await keeper.eye.ready(deadline); !ready) co_return fail(std::move(ready));
  Result<std::unique_ptr<Viewer>> viewer = co_await watch_camera(keeper, config);
  if (!viewer) co_return fail(std::move(viewer));

  std::vector<Secret<Sight>> taken;
  std::uint64_t last_ns = 0;
  Repetition repetition;
  FaceIssue said = FaceIssue::none;
  while (taken.size() < kCameraTemplates) {
    Result<SharedFrame> frame = co_await (*viewer)->next(deadline);
    if (!frame && frame.error().code == Errc::timed_out)
      co_return fail(Errc::no_usable_face, "no usable face before the camera within a minute");
    if (!frame) co_return fail(std::move(frame));
    if (client.peer_is_gone()) co_return fail(Errc::cancelled, "the client went away");
    const eye::Frame& seen = ***frame;
    const FaceIssue issue = gate_for_enrolment(seen.sight);
    wire::NoticeBody notice{wire::Notice::frame_issue, static_cast<std::uint8_t>(issue), 0};
    bool tell = issue != said;
    said = issue;
    const bool spaced = seen.captured_ns >= last_ns + std::uint64_t(std::chrono::nanoseconds(kCameraSpacing).count());
    Repetition::Kind kind = Repetition::Kind::fresh;
    if (policy.liveness && issue == FaceIssue::none)
      kind = repetition.look(seen.sight.fingerprint, Steady(std::chrono::nanoseconds(seen.captured_ns)));
    if (kind == Repetition::Kind::played_back)
      co_return fail(Errc::no_usable_face, "the camera shows the same pictures again; nothing was stored");
    const bool live = kind == Repetition::Kind::fresh && frame_is_live(policy, seen.sight);
    if (issue == FaceIssue::none && live && (taken.empty() || spaced)) {
      Secret<Sight> sight;
      *sight = seen.sight;
      taken.push_back(std::move(sight));
      last_ns = seen.captured_ns;
      notice = {wire::Notice::template_taken, static_cast<std::uint8_t>(taken.size()), kCameraTemplates};
      tell = true;
    }
    if (tell && !co_await client.send(wire::Type::notice, notice))
      co_return fail(Errc::cancelled, "the client went away");
  }
  if (Result<void> obeyed = co_await ask_to_move(keeper, client, **viewer, taken, std::move(repetition)); !obeyed)
    co_return fail(std::move(obeyed));
  co_return std::move(taken);
}

// With --force the face is registered all the same, and everybody is told.
asio::awaitable<Result<void>> beware_of_other_users(Keeper& keeper, Connection& client, std::string user, bool force,
                                                    const std::vector<Secret<Sight>>& sights) {
  const Result<std::string> other = co_await other_user_of(keeper, user, sights);
  if (!other) co_return tl::unexpected<Error>(other.error());
  if (other->empty()) co_return Result<void>{};
  if (!force)
    co_return fail(Errc::duplicate_face,
                   "the face also matches another registered user; --force registers it nevertheless");
  log::warning(fmt::format("the face registered for {} also passes for {}", user, *other), {{"FACEAUTH_USER", user}});
  if (!co_await client.send(wire::Type::notice, wire::NoticeBody{wire::Notice::other_user}))
    co_return fail(Errc::cancelled, "the client went away");
  co_return Result<void>{};
}

Result<std::vector<Template>> templates_of(Keeper& keeper, const Enrolment& enrolment,
                                           std::vector<Secret<Encodings>> chosen) {
  const auto& models = keeper.eye.models();
  if (!models) return fail(Errc::eye_failed, "faced-vision stopped working; try again");
  std::vector<Template> templates;
  for (Secret<Encodings>& encodings : chosen) {
    Template one;
    random_bytes(one.info.id);
    one.info.label = enrolment.label;
    one.info.source = enrolment.source;
    one.info.dlib_model = models->dlib;
    one.info.feature_model = models->feature;
    one.info.created = keeper.clock.unix_time();
    one.encodings = std::move(encodings);
    templates.push_back(std::move(one));
  }
  return templates;
}

// Nothing when he is not registered.
Result<std::optional<UserSummary>> record_of(const Keeper& keeper, const std::string& user) {
  Result<UserSummary> known = keeper.store.user(user);
  if (known) return std::optional(*std::move(known));
  if (known.error().code == Errc::not_found) return std::optional<UserSummary>();
  return tl::unexpected<Error>(known.error());
}

std::optional<RegistrationId> registration_in(const std::optional<UserSummary>& record) {
  return record ? std::optional(record->registration) : std::nullopt;
}

// An enrolment stays open for minutes. Who was removed meanwhile must not be registered by it, and whoever proved his
// password did so for one registration.
Result<void> is_still_of(const Connection& client, const Enrolment& enrolment,
                         const std::optional<UserSummary>& record) {
  const std::optional<RegistrationId> present = registration_in(record);
  if (present != enrolment.registered || (!client.peer().is_root() && present != client.proven_registration))
    return fail(Errc::not_found, "the user was removed or registered anew meanwhile; nothing was stored");
  return {};
}

asio::awaitable<Result<void>> commit(Keeper& keeper, Connection& client, const Request& request, Enrolment enrolment,
                                     const std::vector<Secret<Sight>>& sights) {
  Result<std::vector<Secret<Encodings>>> chosen = co_await choose_views(
      keeper, client, request.subject, sights, enrolment.source == "photo" ? ViewsFrom::photos : ViewsFrom::camera);
  if (!chosen) co_return fail(std::move(chosen));
  const std::size_t kept = chosen->size();
  if (Result<void> alone = co_await beware_of_other_users(keeper, client, request.subject, enrolment.force, sights);
      !alone)
    co_return alone;
  std::optional<PasswordHash> hash;
  std::optional<InUse> one_at_a_time;
  if (enrolment.password) {
    one_at_a_time.emplace(keeper.passwords_in_check, request.subject);
    if (!one_at_a_time->held()) co_return fail(Errc::busy, "the password is being checked; try again in a moment");
    Result<PasswordHash> hashed = co_await hash_on_worker(keeper, std::move(*enrolment.password));
    if (!hashed) co_return fail(std::move(hashed));
    hash = std::move(*hashed);
  }
  Result<std::vector<Template>> templates = templates_of(keeper, enrolment, std::move(*chosen));
  if (!templates) co_return fail(std::move(templates));
  const Result<std::optional<UserSummary>> record = record_of(keeper, request.subject);
  if (!record) co_return tl::unexpected<Error>(record.error());
  if (Result<void> same = is_still_of(client, enrolment, *record); !same) co_return same;
  UserState state = *record ? (*record)->state : UserState{};
  const UnixTime now = keeper.clock.unix_time();
  strongly_authenticated(state, now, keeper.boot);
  if (hash) state.password_stale = false;
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::enroll);
  note_change(state, Change::face_registered, now, event.peer_uid);
  Result<void> stored = keeper.store.enroll(request.subject, *request.subject_uid, std::move(*templates),
                                            hash ? &*hash : nullptr, state, now, &event);
  const wire::NoticeBody notice{wire::Notice::templates_stored, static_cast<std::uint8_t>(kept),
                                static_cast<std::uint8_t>(sights.size())};
  if (!stored) co_return stored;
  announce(keeper, event);
  co_await client.send(wire::Type::notice, notice);
  co_return stored;
}

}  // namespace

asio::awaitable<bool> handle_enroll(Keeper& keeper, Connection& client, Request request) {
  wire::EnrollBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  Enrolment enrolment;
  enrolment.label = begin.label.size == 0 ? "default" : as_string(begin.label);
  enrolment.force = begin.force;
  if (begin.has_password) enrolment.password = take_password(client, begin.password);
  const Result<std::optional<UserSummary>> record = record_of(keeper, request.subject);
  if (record) enrolment.registered = registration_in(*record);
  const milliseconds within = kCameraWithin + time_for(movements_for(*keeper.config, Intent::none, 0));
  if (!co_await client.send(wire::Type::ack,
                            wire::Ack{static_cast<std::uint32_t>(within.count()) + limits::kEyeStartMs}))
    co_return false;
  // The client may already have sent its photos: a refusal here ends the connection, which drops them.
  if (!request.subject_uid) {
    co_await client.send_failure(request.subject_uid.error());
    co_return false;
  }
  if (!record) {
    co_await client.send_failure(record.error());
    co_return false;
  }
  if (enrolment.label == kAdapted) {
    co_await client.send_failure(Errc::invalid_argument, "the label \"adapted\" is kept for templates that adapt");
    co_return false;
  }
  if (enrolment.password && enrolment.password->empty()) {
    co_await client.send_failure(Errc::invalid_argument, "an empty password is refused");
    co_return false;
  }

  std::optional<Photos> photos = co_await receive_photos(keeper, client, gate_for_enrolment);
  if (!photos) co_return false;
  if (photos->refused > 0)
    co_return co_await client.send_failure(Errc::no_usable_face, "a photo could not be used; nothing was stored");
  enrolment.source = "photo";
  if (photos->sights.empty()) {
    Result<std::vector<Secret<Sight>>> taken = co_await capture(keeper, client);
    if (!taken) co_return co_await client.send_failure(taken.error());
    photos->sights = std::move(*taken);
    enrolment.source = camera_source(keeper);
  }
  const Result<void> stored = co_await commit(keeper, client, request, std::move(enrolment), photos->sights);
  if (!stored) {
    const std::string uid = std::to_string(client.peer().uid);
    log::notice(fmt::format("registering {}: {}", request.subject, errc_name(stored.error().code)),
                {{"FACEAUTH_USER", request.subject}, {"FACEAUTH_PEER_UID", uid}});
  }
  co_return co_await answer(client, stored);
}

}  // namespace faceauth
