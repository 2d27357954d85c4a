#include <faced/vision_link/eye.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace faceauth {

namespace asio = boost::asio;

Viewer::Viewer(Eye& eye) : eye_(eye), wake_(eye.io_, Steady::max()) {}

Viewer::~Viewer() { eye_.leave(this); }

void Viewer::deliver(SharedFrame frame) {
  if (error_) return;
  frame_ = std::move(frame);
  wake_.cancel();
}

// A frame that still waits is of the session that just failed.
void Viewer::break_off(Error error) {
  frame_.reset();
  error_ = std::move(error);
  wake_.cancel();
}

asio::awaitable<Result<SharedFrame>> Viewer::next(Steady deadline) {
  if (!frame_ && !error_) {
    wake_.expires_at(deadline);
    co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (error_) co_return tl::unexpected<Error>(*error_);
  if (frame_) co_return std::exchange(frame_, nullptr);
  co_return fail(Errc::timed_out, "the camera showed no further frame in time");
}

}  // namespace faceauth
