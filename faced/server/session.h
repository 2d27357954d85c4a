// One connection from its first frame to its end.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>

#include <memory>

namespace faceauth {

// Reads requests, holds each against the authority table and runs its handler, until the client leaves, breaks the
// protocol or asks what it may not. Never throws.
asio::awaitable<void> serve(Keeper& keeper, std::shared_ptr<Connection> client);

}  // namespace faceauth
