// One connection from its first frame to its end.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>

#include <functional>
#include <memory>

namespace faceauth {

// Reads requests, holds each against the authority table and runs its handler, until the client leaves, breaks the
// protocol or asks what it may not. Never throws.
asio::awaitable<void> serve(Keeper& keeper, std::shared_ptr<Connection> client);

// Of a client for whom there is no place: he is told so. `disable` alone is served all the same, once: whoever takes
// all of a user's places must not keep him from switching his face off.
// `heard` is called once his request is there.
asio::awaitable<void> serve_without_place(Keeper& keeper, std::shared_ptr<Connection> client,
                                          std::function<void()> heard);

}  // namespace faceauth
