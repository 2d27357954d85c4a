// Boost.Asio as the server layer uses it: errors as tuples, deadlines as a race with a timer.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace faceauth {

namespace asio = boost::asio;
inline constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);

}  // namespace faceauth
