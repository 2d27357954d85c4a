// A small pool for what would hold up the keeper's one thread: Argon2id, name service look-ups.
#pragma once

#include <faced/server/asio.h>

#include <faceauth/result.h>

#include <cstddef>
#include <type_traits>

namespace faceauth {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t waiting_max) : pool_(threads), waiting_max_(threads + waiting_max) {}

  // Runs `work` on the pool and comes back to the caller's thread with what it returned. `busy` at once when the queue
  // is full. `work` must own what it uses: the caller may be gone when it runs.
  template <class Work>
  asio::awaitable<Result<std::invoke_result_t<Work>>> run(Work work) {
    using Value = std::invoke_result_t<Work>;
    if (waiting_ >= waiting_max_) co_return fail(Errc::busy, "too many requests at once; try again in a moment");
    ++waiting_;
    auto on_pool = [](Work owned) -> asio::awaitable<Value> { co_return owned(); };
    auto [error, value] = co_await asio::co_spawn(pool_, on_pool(std::move(work)), kQuietly);
    --waiting_;
    if (error) co_return fail(Errc::internal, "a worker failed");
    co_return Result<Value>(std::move(value));
  }

  void join() { pool_.join(); }

 private:
  asio::thread_pool pool_;
  std::size_t waiting_max_;
  std::size_t waiting_ = 0;  // on the keeper's thread only
};

}  // namespace faceauth
