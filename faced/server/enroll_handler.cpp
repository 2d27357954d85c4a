// enroll_begin: photos (root) or the camera become templates. Everything is checked first and stored in one step last.
#include <faced/auth/identifier.h>
#include <faced/auth/poses.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/verifier.h>
#include <faced/crypto/aead.h>
#include <faced/server/announce.h>
#include <faced/server/audit.h>
#include <faced/server/completion.h>
#include <faced/server/enrol_views.h>
#include <faced/server/handlers.h>
#include <faced/server/live_view.h>
#include <faced/server/movements.h>
#include <faced/server/news.h>
#include <faced/server/passwords.h>
#include <faced/server/photos.h>
#include <faced/server/proof.h>
#include <faced/server/scan.h>
#include <faced/server/unjudged.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPhoto = "photo";  // a template's source
constexpr unsigned kCameraTemplates = 5;
constexpr milliseconds kCameraSpacing{400};  // so that five templates are not five times the same moment
constexpr milliseconds kCameraWithin{60'000};

struct Enrolment {
  std::string label;
  bool unlabelled = false;
  bool force = false;
  bool guided = false, live = false;
  std::optional<SecretBytes> password;
  std::optional<RegistrationId> registered;  // whom it adds to; nothing: it registers him
};

// What one camera saw, or the photos.
struct Views {
  std::string source;
  Modality modality = Modality::color;
  std::vector<Secret<Sight>> sights;
};

// With liveness "active": whoever was just seen has to move as he is told.
asio::awaitable<Result<void>> ask_to_move(Keeper& keeper, Connection& client, Viewer& viewer,
                                          const std::vector<Secret<Sight>>& taken, Repetition repetition,
                                          Audience* audience) {
  const std::shared_ptr<const Config> config = keeper.config;
  const Movements movements = movements_for(*config, Intent::none, unpredictable_byte());
  if (movements.empty()) co_return Result<void>{};
  Challenge challenge(challenge_policy(*config, keeper.eye.modality()), movements, mean_of_all(taken),
                      {.box = taken.back()->box, .repetition = std::move(repetition)});
  const Steady deadline = std::chrono::steady_clock::now() + time_for(movements);
  const Result<Obeyed> obeyed = co_await moves_as_told(viewer, client, challenge, deadline, audience);
  if (!obeyed) co_return tl::unexpected<Error>(obeyed.error());
  if (*obeyed == Obeyed::yes) co_return Result<void>{};
  co_return fail(Errc::no_usable_face, "the movements asked for were not seen; nothing was stored");
}

// One good frame after another, each far enough from the last, live if liveness is asked for.
class Gathering {
 public:
  // Of the places that are counted out to the person, `from` are taken by the cameras before this one.
  Gathering(const VerifierPolicy& policy, std::size_t from, std::size_t total, bool guided)
      : policy_(policy), from_(from), total_(total) {
    if (guided) poses_.emplace();
  }

  [[nodiscard]] bool done() const { return taken.size() == kCameraTemplates; }

  // What the person is to be told of it, if that is new. An error ends the enrolment.
  Result<std::optional<wire::NoticeBody>> look(const eye::Frame& seen) {
    const FaceIssue quality = gate_for_enrolment(seen.sight);
    const FaceIssue issue = quality == FaceIssue::none ? liveness_advice(policy_, seen.sight) : quality;
    const bool tell = issue != std::exchange(said_, issue);
    const Steady captured{std::chrono::nanoseconds(seen.captured_ns)};
    const bool spaced = seen.captured_ns >= last_ns_ + std::uint64_t(std::chrono::nanoseconds(kCameraSpacing).count());
    Repetition::Kind kind = Repetition::Kind::fresh;
    if (policy_.liveness && quality == FaceIssue::none) kind = repetition.look(seen.sight.fingerprint, captured);
    if (kind == Repetition::Kind::played_back || kind == Repetition::Kind::frozen)
      return fail(Errc::no_usable_face, "the camera shows the same pictures again; nothing was stored");
    const bool live = kind == Repetition::Kind::fresh && frame_is_live(policy_, seen.sight);
    const bool good = issue == FaceIssue::none && live && (taken.empty() || spaced);
    if (good && (!poses_ || poses_->fits(seen.sight.quality, captured))) {
      *taken.emplace_back() = seen.sight;
      if (poses_) poses_->use(seen.sight.quality);
      last_ns_ = seen.captured_ns;
      return wire::NoticeBody{wire::Notice::template_taken, static_cast<std::uint8_t>(from_ + taken.size()),
                              static_cast<std::uint8_t>(total_)};
    }
    if (!tell) return std::optional<wire::NoticeBody>();
    return wire::NoticeBody{wire::Notice::frame_issue, static_cast<std::uint8_t>(issue), 0};
  }

  // The pose to tell the person, if that is new.
  std::optional<wire::NoticeBody> pose() {
    if (!poses_ || done() || poses_->wanted() == posed_) return std::nullopt;
    posed_ = poses_->wanted();
    return wire::NoticeBody{wire::Notice::pose, static_cast<std::uint8_t>(*posed_), 0};
  }
  [[nodiscard]] FaceIssue issue() const { return said_; }

  std::vector<Secret<Sight>> taken;
  Repetition repetition;

 private:
  const VerifierPolicy& policy_;
  std::size_t from_, total_;
  std::uint64_t last_ns_ = 0;
  FaceIssue said_ = FaceIssue::none;
  std::optional<Poses> poses_;
  std::optional<Pose> posed_;  // as told
};

// How a person registers before the camera.
struct Manner {
  bool guided = false, live = false;
};

struct Watched {
  std::unique_ptr<Viewer> viewer;
  bool shown = false;
};

// Where he may see himself, with the pictures; where he may not, or somebody else is there too, without.
asio::awaitable<Result<Watched>> watch(Keeper& keeper, Connection& client, std::shared_ptr<const Config> config,
                                       std::size_t place, bool show, Steady deadline) {
  if (show) {
    Result<std::unique_ptr<Viewer>> viewer = co_await watch_and_show(keeper, client, config, deadline, place);
    if (viewer) co_return Watched{std::move(*viewer), true};
    if (viewer.error().code != Errc::busy) co_return fail(std::move(viewer));
  }
  Result<std::unique_ptr<Viewer>> viewer = co_await watch_camera(keeper, config, deadline, place);
  if (!viewer) co_return fail(std::move(viewer));
  co_return Watched{std::move(*viewer), false};
}

// The person is told what is seen, and what to do. False when the client is gone.
asio::awaitable<bool> tell(Connection& client, Gathering& gathering, const std::optional<wire::NoticeBody>& news) {
  if (news && !co_await client.send(wire::Type::notice, *news)) co_return false;
  const std::optional<wire::NoticeBody> pose = gathering.pose();
  if (!pose) co_return true;
  co_return co_await client.send(wire::Type::notice, *pose);
}

asio::awaitable<Result<Views>> capture(Keeper& keeper, Connection& client, std::shared_ptr<const Config> config,
                                       std::size_t place, Manner manner, Steady deadline) {
  const auto gone = [] { return fail(Errc::cancelled, "the client went away"); };
  const std::size_t taken_before = place * kCameraTemplates, total = config->cameras_asked() * kCameraTemplates;
  Audience audience(client);
  const bool may_see = manner.live && audience.may_see();
  Result<Watched> watched = co_await watch(keeper, client, config, place, may_see, deadline);
  if (!watched) co_return fail(std::move(watched));
  Viewer& viewer = *watched->viewer;
  Views views{camera_source(keeper, place), keeper.eye.modality(place), {}};
  const VerifierPolicy policy = verifier_policy(*config, views.modality);
  Gathering gathering(policy, taken_before, total, manner.guided);
  if (!co_await tell(client, gathering, std::nullopt)) co_return gone();
  while (!gathering.done()) {
    Result<SharedFrame> frame = co_await viewer.next(deadline);
    if (!frame && frame.error().code == Errc::timed_out)
      co_return fail(Errc::no_usable_face, "no usable face before the camera within a minute");
    if (!frame) co_return fail(std::move(frame));
    if (client.peer_is_gone()) co_return gone();
    if (may_see && !audience.may_see()) co_return fail(Errc::not_permitted, kNotActiveAnyMore);
    const Result<std::optional<wire::NoticeBody>> notice = gathering.look(***frame);
    if (!notice) co_return tl::unexpected<Error>(notice.error());
    // Measurements show who is there as pictures do: they come and end with them.
    const bool shown = watched->shown && keeper.eye.shows_pictures(place);
    if (shown && !co_await send_view(client, (**frame)->sight, gathering.issue())) co_return gone();
    if (!co_await tell(client, gathering, *notice)) co_return gone();
  }
  views.sights = std::move(gathering.taken);
  if (place > 0) co_return std::move(views);  // who moves is watched by the first camera
  if (Result<void> obeyed = co_await ask_to_move(keeper, client, viewer, views.sights, std::move(gathering.repetition),
                                                 may_see ? &audience : nullptr);
      !obeyed)
    co_return fail(std::move(obeyed));
  co_return std::move(views);
}

// From every camera that a login asks, one after the other.
asio::awaitable<Result<std::vector<Views>>> capture_all(Keeper& keeper, Connection& client, Manner manner) {
  const std::shared_ptr<const Config> config = keeper.config;
  Steady deadline = std::chrono::steady_clock::now() + kCameraWithin;
  const bool weak = config->liveness == LivenessMode::off;
  if (weak && !co_await client.send(wire::Type::notice, wire::NoticeBody{wire::Notice::weak_liveness}))
    co_return fail(Errc::cancelled, "the client went away");
  if (Result<void> ready = co_await keeper.eye.ready(deadline); !ready) co_return fail(std::move(ready));
  std::vector<Views> all;
  for (std::size_t place = 0; place < config->cameras_asked(); ++place) {
    Result<Views> views = co_await capture(keeper, client, config, place, manner, deadline);
    if (!views) co_return fail(std::move(views));
    all.push_back(std::move(*views));
    if (place == 0) deadline += time_for(movements_for(*config, Intent::none, 0));  // which had a time of their own
  }
  co_return std::move(all);
}

// With --force the face is registered all the same, and everybody is told.
asio::awaitable<Result<void>> beware_of_other_users(Keeper& keeper, Connection& client, std::string user, bool force,
                                                    const Views& views) {
  const Result<std::string> other = co_await other_user_of(keeper, user, views.sights, views.modality);
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

// The encodings to store, and of which camera they are.
struct Chosen {
  std::string source;
  Secret<Encodings> encodings;
};

Result<std::vector<Template>> templates_of(Keeper& keeper, const Enrolment& enrolment, std::vector<Chosen> chosen) {
  const auto& models = keeper.eye.models();
  if (!models) return fail(Errc::eye_failed, "faced-vision stopped working; try again");
  std::vector<Template> templates;
  for (Chosen& view : chosen) {
    Template one;
    random_bytes(one.info.id);
    one.info.label = enrolment.label;
    one.info.source = view.source;
    one.info.dlib_model = models->dlib;
    one.info.feature_model = models->feature;
    one.info.created = keeper.clock.unix_time();
    one.encodings = std::move(view.encodings);
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

// An enrolment stays open for minutes. Who was removed meanwhile must not be registered by it, nor by whom he has given
// another password to keep out.
Result<void> is_still_of(const Keeper& keeper, const Connection& client, const Request& request,
                         const Enrolment& enrolment, const std::optional<UserSummary>& record) {
  if (registration_in(record) != enrolment.registered)
    return fail(Errc::not_found, "the user was removed or registered anew meanwhile; nothing was stored");
  return may_still_change(keeper, client, request.subject);
}

// Of everything that was seen: one person, and nobody else who is registered.
asio::awaitable<Result<std::vector<Chosen>>> choose(Keeper& keeper, Connection& client, std::string user, bool force,
                                                    const std::vector<Views>& seen) {
  std::vector<Chosen> all;
  for (const Views& views : seen) {
    const ViewsFrom from = views.source == kPhoto ? ViewsFrom::photos : ViewsFrom::camera;
    Result<std::vector<Secret<Encodings>>> chosen =
        co_await choose_views(keeper, client, user, views.sights, from, views.modality);
    if (!chosen) co_return fail(std::move(chosen));
    if (Result<void> alone = co_await beware_of_other_users(keeper, client, user, force, views); !alone)
      co_return fail(std::move(alone));
    for (Secret<Encodings>& encodings : *chosen) all.push_back({views.source, std::move(encodings)});
  }
  co_return std::move(all);
}

// What faces are registered with is what "auto" looks for from now on.
void remember_cameras(Keeper& keeper, const std::vector<Views>& seen) {
  if (seen.front().source == kPhoto) return;
  CameraMemory::Marks marks = keeper.camera_memory.recall();
  for (std::size_t place = 0; place < seen.size(); ++place) {
    marks[place] = keeper.eye.camera_mark(place);
    keeper.eye.remember_camera(place, marks[place]);
  }
  if (Result<void> noted = keeper.camera_memory.note(marks); !noted)
    log::warning("the camera is not remembered: " + noted.error().message);
}

asio::awaitable<Result<void>> commit(Keeper& keeper, Connection& client, const Request& request, Enrolment enrolment,
                                     const std::vector<Views>& seen) {
  Result<std::vector<Chosen>> chosen = co_await choose(keeper, client, request.subject, enrolment.force, seen);
  if (!chosen) co_return fail(std::move(chosen));
  const std::size_t kept = chosen->size();
  std::size_t sights = 0;
  for (const Views& views : seen) sights += views.sights.size();
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
  if (Result<void> same = is_still_of(keeper, client, request, enrolment, *record); !same) co_return same;
  UserState state = *record ? (*record)->state : UserState{};
  const UnixTime now = keeper.clock.unix_time();
  strongly_authenticated(state, keeper.clock.wait_time(), keeper.boot);
  if (hash) state.password_stale = false;
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::enroll);
  note_change(state, Change::face_registered, now, event.peer_uid);
  const Result<Completion> completion = completion_by(keeper, request.subject, *templates);
  if (!completion) co_return tl::unexpected<Error>(completion.error());
  if (enrolment.unlabelled && !completion->label.empty())
    for (Template& one : *templates) one.info.label = completion->label;
  Result<void> stored = keeper.store.enroll(request.subject, *request.subject_uid, std::move(*templates),
                                            hash ? &*hash : nullptr, state, now, &event, completion->ids);
  const wire::NoticeBody notice{wire::Notice::templates_stored, static_cast<std::uint8_t>(kept),
                                static_cast<std::uint8_t>(sights)};
  if (!stored) co_return stored;
  announce(keeper, event);
  remember_cameras(keeper, seen);
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
  enrolment.unlabelled = begin.label.size == 0;
  enrolment.force = begin.force;
  enrolment.guided = begin.guided;
  enrolment.live = begin.live;
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
  std::vector<Views> seen;
  if (photos->sights.empty()) {
    Result<std::vector<Views>> taken = co_await capture_all(keeper, client, {enrolment.guided, enrolment.live});
    if (!taken) co_return co_await client.send_failure(taken.error());
    seen = std::move(*taken);
  } else {
    seen.push_back({kPhoto, Modality::color, std::move(photos->sights)});
  }
  const Result<void> stored = co_await commit(keeper, client, request, std::move(enrolment), seen);
  if (!stored && (client.peer().is_root() || may_log_unjudged(keeper, client.peer()))) {
    const std::string uid = std::to_string(client.peer().uid);
    log::notice(fmt::format("registering {}: {}", request.subject, errc_name(stored.error().code)),
                {{"FACEAUTH_USER", request.subject}, {"FACEAUTH_PEER_UID", uid}});
  }
  co_return co_await answer(client, stored);
}

}  // namespace faceauth
