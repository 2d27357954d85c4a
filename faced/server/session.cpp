#include <faced/server/session.h>

#include <faced/server/accounts.h>
#include <faced/server/audit.h>
#include <faced/server/authority.h>
#include <faced/server/origin.h>
#include <faced/server/proof.h>
#include <faced/server/unjudged.h>
#include <faced/util/log.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

void log_refusal(Keeper& keeper, const Connection& client, std::string_view what) {
  if (!may_log_unjudged(keeper, client.peer())) return;
  const std::string uid = std::to_string(client.peer().uid), pid = std::to_string(client.peer().pid);
  log::warning(what, {{"FACEAUTH_PEER_UID", uid}, {"FACEAUTH_PEER_PID", pid}});
}

// Names of users are names of files, keys and log fields elsewhere: refuse early what is no name.
bool plausible_name(std::string_view name) {
  return name.size() <= limits::kUserNameMax && name.find('/') == std::string_view::npos &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Why a person may not, and what he can do about it.
const char* refusal_words(Right right, bool self) {
  if (right == Right::root) return "only root may do this";
  if (!self) return "only root may do this for somebody else";
  if (right == Right::root_or_self_present) return kNotPresent;
  return "your password comes first";
}

asio::awaitable<bool> serve_request(Keeper& keeper, Connection& client) {
  const Rule* rule = find_rule(client.header().type, Phase::idle);
  if (rule == nullptr) {
    log_refusal(keeper, client, "a client sent what is no request and was dropped");
    co_return false;
  }
  client.begin_request();
  Request request;
  if (rule->names_subject) {
    Reader body = client.body();
    request.subject = as_string(wire::detail::get(body, limits::kUserNameMax));
    if (!body.good() || !plausible_name(request.subject)) co_return false;
    if (!request.subject.empty()) {
      auto look_up = [name = request.subject] { return uid_of(name); };
      auto uid = co_await keeper.lookups.run(std::move(look_up));
      request.subject_uid = uid ? std::move(*uid) : Result<std::uint32_t>(tl::unexpected<Error>(uid.error()));
    }
  }
  const std::optional<std::uint32_t> subject_uid =
      request.subject_uid ? std::optional(*request.subject_uid) : std::nullopt;
  const bool proven = is_proven(keeper, client, request.subject);
  const bool present = rule->right == Right::root_or_self_present && is_present(client.peer());
  if (!permits(rule->right, client.peer(), subject_uid, proven, present)) {
    log_refusal(keeper, client, "a client asked for what it may not and was refused");
    record_refusal(keeper, client, request);
    co_await client.send_failure(Errc::not_permitted,
                                 refusal_words(rule->right, subject_uid && *subject_uid == client.peer().uid));
    co_return false;
  }
  co_return co_await rule->handler(keeper, client, std::move(request));
}

}  // namespace

asio::awaitable<void> serve(Keeper& keeper, std::shared_ptr<Connection> client) {
  try {
    std::uint32_t patience_ms = limits::kFirstFrameWithinMs;
    for (;;) {
      const Steady deadline = std::chrono::steady_clock::now() + milliseconds(patience_ms);
      const Result<void> got = co_await client->receive(deadline);
      if (!got) {
        if (got.error().code == Errc::protocol)
          log_refusal(keeper, *client, "a client broke the protocol and was dropped");
        co_return;
      }
      const bool goes_on = co_await serve_request(keeper, *client);
      if (secrets_became_swappable())
        log::warning("secrets cannot be kept out of swap any more: raise LimitMEMLOCK= of faced.service");
      if (!goes_on) co_return;
      // Requests that wait for nothing, sent in a stream, would otherwise keep the one thread to themselves.
      co_await asio::post(keeper.io, asio::use_awaitable);
      patience_ms = limits::kIdleWithinMs;
    }
  } catch (const std::exception& e) {
    // Nothing below throws on purpose; out of memory for one client must not end the others.
    log::error(std::string("a request was abandoned: ") + e.what());
  }
}

asio::awaitable<void> serve_without_place(Keeper& keeper, std::shared_ptr<Connection> client,
                                          std::function<void()> heard) {
  try {
    // The answer must carry the request's nonce, so the request is read first.
    if (!co_await client->receive(std::chrono::steady_clock::now() + milliseconds(limits::kAckWithinMs))) co_return;
    heard();
    if (client->header().type == wire::Type::disable) {
      co_await serve_request(keeper, *client);
      co_return;
    }
    client->begin_request();
    co_await client->send_failure(Errc::busy, "too many connections; try again in a moment");
  } catch (const std::exception& e) {
    log::error(std::string("a request was abandoned: ") + e.what());
  }
}

}  // namespace faceauth
