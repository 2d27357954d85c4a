// What each request does, once authority.h has let it through. Every handler first acknowledges, then answers.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>

#include <optional>
#include <string>

namespace faceauth {

// What the dispatcher found out about a request before the handler runs.
struct Request {
  std::string subject;  // the user it is about; empty for requests about nobody or everybody
  Result<std::uint32_t> subject_uid = fail(Errc::not_found, "no user named");  // by the name service
};

// False ends the connection: the client is gone or broke the protocol.
using Handler = asio::awaitable<bool> (*)(Keeper&, Connection&, Request);

asio::awaitable<bool> handle_auth(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_auth_identify(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_report(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_prove_password(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_set_password(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_enroll(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_verify(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_identify(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_list(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_remove(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_unlock(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_import(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_disable(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_enable(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_status(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_cameras(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_preview(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_log(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_log_verify(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_rekey(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_backup(Keeper&, Connection&, Request);
asio::awaitable<bool> handle_restore(Keeper&, Connection&, Request);

// ---- shared by the handlers

// Copies a password out of a frame and wipes the frame.
[[nodiscard]] SecretBytes take_password(Connection& client, wire::Text password);

// Sends `done` or the failure.
asio::awaitable<bool> answer(Connection& client, const Result<void>& result);

// The record of the request's user, if the system's user is still the one who was registered.
// Errors: not_found (also when the uid differs: the name was given to somebody else), and the store's.
[[nodiscard]] Result<UserSummary> registered_user(const Keeper& keeper, const Request& request);

// The same for who may ask about him: root also gets the record of a user whom the system no longer knows.
[[nodiscard]] Result<UserSummary> record_for(const Keeper& keeper, const Connection& client, const Request& request);

}  // namespace faceauth
