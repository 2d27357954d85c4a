// How a coroutine ends that nobody waits for and nothing can do without.
#pragma once

#include <exception>
#include <utility>

namespace faceauth {

// What it threw leaves io_context::run(), and so ends the process: systemd starts another. Swallowed, it would leave a
// daemon that looks alive and does nothing.
struct Rethrow {
  void operator()(std::exception_ptr thrown) const {
    if (thrown) std::rethrow_exception(std::move(thrown));
  }
};

}  // namespace faceauth
