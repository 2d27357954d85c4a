// A question to the person at the other end of a login.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>
#include <faced/server/login_record.h>
#include <faced/util/clock.h>

#include <faceauth/protocol.h>

namespace faceauth {

// False when there is no answer to use, and `judgement` says why: the client left or sent something else, or too many
// people are being asked. The time that the person takes moves the deadline.
asio::awaitable<bool> ask_person(Keeper& keeper, Connection& client, wire::Asks what, wire::Answer& answer,
                                 Steady& deadline, Judgement& judgement);

}  // namespace faceauth
