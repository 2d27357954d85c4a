// Letting a person see what the camera sees while he sets it up: root, and a user in front of the machine.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>
#include <faced/util/clock.h>

#include <faceauth/result.h>

#include <memory>

namespace faceauth {

inline constexpr const char* kNotActiveAnyMore = "your session is not the active one any more";

// Whether this client may see pictures; asked anew at most once a second, because sessions are switched and end.
class Audience {
 public:
  explicit Audience(const Connection& client) : client_(client) {}
  [[nodiscard]] bool may_see();

 private:
  const Connection& client_;
  Steady asked_{};
  bool may_see_ = false;
};

// The camera with its pictures, whose memory is sent to the client. Errors: busy (somebody else is at the camera: his
// face is not shown), cancelled, and watch_camera's.
asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_and_show(Keeper& keeper, Connection& client,
                                                                std::shared_ptr<const Config> config, Steady deadline,
                                                                std::size_t place = 0);

// What was measured of a frame, and what to make of it. False when the client is gone.
asio::awaitable<bool> send_view(Connection& client, const Sight& sight, FaceIssue issue);

}  // namespace faceauth
