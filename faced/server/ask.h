// A question to the person at the other end of a login.
#pragma once

#include <faced/server/connection.h>
#include <faced/util/clock.h>

#include <faceauth/protocol.h>

namespace faceauth {

// False when there is no answer to use: the client left or sent something else. The time that the person takes moves
// the deadline.
asio::awaitable<bool> ask_person(Connection& client, wire::Asks what, wire::Answer& answer, Steady& deadline);

}  // namespace faceauth
