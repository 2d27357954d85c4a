// Telling a person how to move, and watching whether he does.
#pragma once

#include <faced/auth/challenge.h>
#include <faced/server/connection.h>
#include <faced/server/live_view.h>
#include <faced/util/clock.h>
#include <faced/vision_link/eye.h>

#include <faceauth/result.h>

#include <cstdint>

namespace faceauth {

// From the kernel, for one login.
[[nodiscard]] std::uint8_t unpredictable_byte();

// The client's leaving and the deadline are the person's doing: whoever could end a challenge that does not suit his
// recording without a cost would wait for one that does.
enum class Obeyed : std::uint8_t { yes, no, client_left };

// `audience`: who must be allowed to see pictures all the while; null where none are shown.
// Errors, which say nothing of the person: Viewer::next's, but timed_out; not_permitted, of the audience.
asio::awaitable<Result<Obeyed>> moves_as_told(Viewer& viewer, Connection& client, Challenge& challenge, Steady deadline,
                                              Audience* audience = nullptr);

}  // namespace faceauth
