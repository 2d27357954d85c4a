// A small pool for what would hold up the keeper's one thread: Argon2id, name service look-ups.
#pragma once

#include <faced/server/asio.h>

#include <faceauth/result.h>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace faceauth {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t waiting_max) : pool_(threads), waiting_max_(threads + waiting_max) {}

  // Runs `work` on the pool and comes back to the caller's thread with what it returned. `busy` at once when the queue
  // is full. `work` must own what it uses: the caller may be gone when it runs.
  template <class Work>
  asio::awaitable<Result<std::invoke_result_t<Work>>> run(Work work) {
    return run_shared(std::make_shared<Work>(std::move(work)));
  }

  void join() { pool_.join(); }

 private:
  // By shared pointer, and callers name their lambdas: GCC 12 copies a closure into a coroutine's frame byte by byte
  // and destroys closures that are temporaries of a co_await expression twice.
  template <class Work, class Value = std::invoke_result_t<Work>>
  asio::awaitable<Result<Value>> run_shared(std::shared_ptr<Work> work) {
    if (waiting_ >= waiting_max_) co_return fail(Errc::busy, "too many requests at once; try again in a moment");
    ++waiting_;
    auto [error, value] = co_await asio::co_spawn(pool_, on_pool<Work, Value>(std::move(work)), kQuietly);
    --waiting_;
    if (error) co_return fail(Errc::internal, "a worker failed");
    co_return Result<Value>(std::move(value));
  }

  template <class Work, class Value>
  static asio::awaitable<Value> on_pool(std::shared_ptr<Work> work) {
    co_return (*work)();
  }

  asio::thread_pool pool_;
  std::size_t waiting_max_;
  std::size_t waiting_ = 0;  // on the keeper's thread only
};

}  // namespace faceauth
