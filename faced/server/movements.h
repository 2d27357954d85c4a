// Telling a person how to move, and watching whether he does.
#pragma once

#include <faced/auth/challenge.h>
#include <faced/server/connection.h>
#include <faced/util/clock.h>
#include <faced/vision_link/eye.h>

#include <cstdint>

namespace faceauth {

// From the kernel, for one login.
[[nodiscard]] std::uint8_t unpredictable_byte();

// True once every movement was made. Anything else, the client's leaving too, is false: whoever could end a challenge
// that does not suit his recording without a cost would wait for one that does.
asio::awaitable<bool> moves_as_told(Viewer& viewer, Connection& client, Challenge& challenge, Steady deadline);

}  // namespace faceauth
