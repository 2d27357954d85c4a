// import_template: an encoding that Howdy made is kept as an incomplete template, which decides nothing.
#include <faced/auth/incomplete.h>
#include <faced/crypto/aead.h>
#include <faced/server/audit.h>
#include <faced/server/handlers.h>

#include <strings.h>

#include <algorithm>
#include <chrono>

namespace faceauth {
namespace {

constexpr std::chrono::seconds kEyeWithin{20};

// What is there already is done: whoever imports twice has no more than once.
bool is_there(const std::vector<Template>& stored, const Encodings& encodings) {
  return std::ranges::any_of(
      stored, [&](const Template& t) { return is_incomplete(t.info) && t.encodings->dlib == encodings.dlib; });
}

Result<void> keep(Keeper& keeper, const Connection& client, const Request& request, Template one) {
  if (!request.subject_uid) return tl::unexpected<Error>(request.subject_uid.error());
  Result<UserSummary> user = keeper.store.user(request.subject);
  if (!user && user.error().code != Errc::not_found) return fail(std::move(user));
  if (user) {
    const Result<std::vector<Template>> stored = keeper.store.templates(request.subject);
    if (!stored) return tl::unexpected<Error>(stored.error());
    if (is_there(*stored, *one.encodings)) return {};
  }
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::import);
  std::vector<Template> templates;
  templates.push_back(std::move(one));
  return keeper.store.enroll(request.subject, *request.subject_uid, std::move(templates), nullptr,
                             user ? user->state : UserState{}, keeper.clock.unix_time(), &event);
}

}  // namespace

asio::awaitable<bool> handle_import(Keeper& keeper, Connection& client, Request request) {
  wire::ImportTemplate import;
  Reader body = client.body();
  if (!wire::decode(body, import)) co_return false;
  Template one;
  random_bytes(one.info.id);
  one.info.label = import.label.size == 0 ? kFromHowdy : as_string(import.label);
  one.info.source = kFromHowdy;
  one.info.feature_model = kDlibOnly;
  one.info.created = UnixTime(std::chrono::seconds(static_cast<std::int64_t>(import.created)));
  std::copy(std::begin(import.dlib), std::end(import.dlib), one.encodings->dlib.begin());
  one.encodings->feature.fill(0);
  ::explicit_bzero(import.dlib, sizeof import.dlib);
  client.wipe_frame();
  if (!co_await client.send(wire::Type::ack, wire::Ack{limits::kEyeStartMs})) co_return false;
  if (one.info.label == kAdapted)
    co_return co_await client.send_failure(Errc::invalid_argument, "the label \"adapted\" is kept for other templates");
  const bool in_time =
      import.created <= static_cast<std::uint64_t>(keeper.clock.unix_time().time_since_epoch().count());
  if (!in_time || !plausible_dlib(one.encodings->dlib))
    co_return co_await client.send_failure(Errc::invalid_argument, "this is no encoding of dlib's face network");
  // Its name is the eye's to say.
  if (Result<void> ready = co_await keeper.eye.ready(std::chrono::steady_clock::now() + kEyeWithin); !ready)
    co_return co_await client.send_failure(ready.error());
  const auto& models = keeper.eye.models();
  if (!models) co_return co_await client.send_failure(Errc::eye_failed, "faced-vision stopped working; try again");
  one.info.dlib_model = models->dlib;
  const Result<void> kept = keep(keeper, client, request, std::move(one));
  co_return co_await answer(client, kept);
}

}  // namespace faceauth
