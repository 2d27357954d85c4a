// list and status: what the store holds, without anything secret.
#include <faced/server/handlers.h>

#include <faceauth/version.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace faceauth {
namespace {

constexpr std::size_t kPage = 64;  // users read at a time, so that a long listing leaves room for logins
constexpr std::uint32_t kListWithinMs = 60'000;
constexpr std::uint32_t kStatusWithinMs = 2000;

static_assert(std::string_view(kDlibOnly) == wire::kDlibOnly, "clients know an incomplete template by it");

std::uint64_t seconds_of(UnixTime t) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, t.time_since_epoch().count()));
}

asio::awaitable<bool> send_user(Keeper& keeper, Connection& client, const UserSummary& user) {
  wire::ListUser line;
  line.user = as_text(user.name);
  line.uid = user.uid;
  line.has_password = user.has_password;
  line.disabled = is_switched_off(keeper, user) || user.state.face_disabled || keeper.sos.faces_off();
  line.failures = user.state.face_failures;
  const UnixTime now = keeper.clock.wait_time();
  if (face_hold(user.state, keeper.config->lockout, now) == Hold::waiting)
    line.locked_until = seconds_of(keeper.clock.unix_time() + (user.state.face_locked_until - now));
  line.templates = static_cast<std::uint32_t>(user.templates.size());
  if (!co_await client.send(wire::Type::list_user, line)) co_return false;
  for (const TemplateInfo& t : user.templates) {
    wire::ListTemplate entry;
    std::copy(t.id.begin(), t.id.end(), entry.id);
    entry.label = as_text(t.label);
    entry.model = as_text(t.feature_model);
    entry.source = as_text(t.source);
    entry.created = seconds_of(t.created);
    if (!co_await client.send(wire::Type::list_template, entry)) co_return false;
  }
  co_return true;
}

// What each camera was when it was last open; before that, what the configuration calls it.
std::string cameras_of(const Keeper& keeper) {
  std::string text;
  for (std::size_t place = 0; place < keeper.config->cameras_asked(); ++place) {
    const std::string& seen = keeper.eye.camera(place);
    text += (place > 0 ? "; " : "") + (seen.empty() ? keeper.config->camera_at(place).device : seen);
  }
  return text;
}

asio::awaitable<bool> send_everybody(Keeper& keeper, Connection& client) {
  std::string after;
  for (;;) {
    std::vector<UserSummary> page;
    const Result<void> read = keeper.store.for_each_user(after, [&](const UserSummary& user) {
      page.push_back(user);
      return page.size() < kPage;
    });
    if (!read) co_return co_await client.send_failure(read.error());
    for (const UserSummary& user : page)
      if (!co_await send_user(keeper, client, user)) co_return false;
    if (page.size() < kPage) co_return co_await client.send(wire::Type::done, wire::Empty{});
    after = page.back().name;
    // Sending to a fast reader never waits: let others have their turn.
    co_await asio::post(keeper.io, asio::use_awaitable);
  }
}

}  // namespace

asio::awaitable<bool> handle_list(Keeper& keeper, Connection& client, Request request) {
  wire::ListBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  if (!co_await client.send(wire::Type::ack, wire::Ack{kListWithinMs})) co_return false;
  if (request.subject.empty()) co_return co_await send_everybody(keeper, client);
  const Result<UserSummary> user = record_for(keeper, client, request);
  if (!user) co_return co_await client.send_failure(user.error());
  if (!co_await send_user(keeper, client, *user)) co_return false;
  co_return co_await client.send(wire::Type::done, wire::Empty{});
}

asio::awaitable<bool> handle_status(Keeper& keeper, Connection& client, Request) {
  if (!client.body().complete()) co_return false;
  if (!co_await client.send(wire::Type::ack, wire::Ack{kStatusWithinMs})) co_return false;
  wire::StatusResult status;
  status.version = as_text(kVersionText);
  const std::string camera = cameras_of(keeper);
  status.camera = as_text(std::string_view(camera).substr(0, limits::kDetailMax));
  const auto& models = keeper.eye.models();
  status.ready = models.has_value();
  if (models) {
    status.models[0] = as_text(models->dlib);
    status.models[1] = as_text(models->feature);
    status.models[2] = as_text(models->liveness);
    status.models[3] = as_text(models->detector);
  }
  if (client.peer().is_root()) {
    const Result<StoreFigures> figures = keeper.store.figures();
    if (!figures) co_return co_await client.send_failure(figures.error());
    status.counted = true;
    status.users = figures->users;
    status.templates = figures->templates;
    status.bytes = figures->bytes;
  }
  status.eye_pid = keeper.eye.pid();
  status.eye_restarts = keeper.eye.restarts();
  status.faces_off = keeper.sos.faces_off();
  co_return co_await client.send(wire::Type::status_result, status);
}

}  // namespace faceauth
