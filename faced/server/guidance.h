// What a person is told while a camera looks at him.
#pragma once

#include <faced/server/connection.h>
#include <faced/util/clock.h>

#include <faceauth/protocol.h>
#include <faceauth/verdict.h>

#include <chrono>
#include <cstdint>

namespace faceauth {

// Tells the person what is wrong with the picture: on a change, and not more than twice a second.
class Guidance {
 public:
  explicit Guidance(Connection& client) : client_(client) {}

  asio::awaitable<bool> say(FaceIssue issue) {
    const Steady now = std::chrono::steady_clock::now();
    if (issue == said_ || now < quiet_until_) co_return true;
    said_ = issue;
    quiet_until_ = now + kPause;
    co_return co_await client_.send(wire::Type::notice,
                                    wire::NoticeBody{wire::Notice::frame_issue, static_cast<std::uint8_t>(issue), 0});
  }

 private:
  static constexpr std::chrono::milliseconds kPause{500};
  Connection& client_;
  FaceIssue said_ = FaceIssue::none;
  Steady quiet_until_{};
};

}  // namespace faceauth
