// What a coroutine comes to, on an io_context that runs for as long as it takes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace faceauth::test {

template <class T>
T outcome_of(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::optional<T> outcome;
  boost::asio::co_spawn(io, std::move(work),
                        [&outcome](const std::exception_ptr&, T result) { outcome.emplace(std::move(result)); });
  while (!outcome) io.run_one();
  return *std::move(outcome);
}

}  // namespace faceauth::test
