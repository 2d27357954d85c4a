#include <faced/vision_link/eye.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace faceauth {

namespace asio = boost::asio;

Viewer::Viewer(Eye& eye, std::size_t place)
    : eye_(eye), place_(place), wake_(std::make_shared<asio::steady_timer>(eye.io_, Steady::max())) {}

Viewer::~Viewer() { eye_.leave(this); }

void Viewer::deliver(SharedFrame frame) {
  if (error_) return;
  frame_ = std::move(frame);
  wake_->cancel();
}

// A frame that still waits is of the session that just failed.
void Viewer::break_off(Error error) {
  frame_.reset();
  error_ = std::move(error);
  wake_->cancel();
}

std::optional<Result<SharedFrame>> Viewer::take() {
  if (error_) return tl::unexpected<Error>(*error_);
  if (frame_) return std::exchange(frame_, nullptr);
  return std::nullopt;
}

asio::awaitable<void> Viewer::any_of(std::span<Viewer* const> viewers, Steady deadline) {
  const std::shared_ptr<asio::steady_timer> wake = viewers.front()->wake_;
  for (Viewer* viewer : viewers) viewer->wake_ = wake;
  if (!std::all_of(viewers.begin(), viewers.end(), [](const Viewer* viewer) { return viewer->waits(); })) co_return;
  wake->expires_at(deadline);
  co_await wake->async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<Result<SharedFrame>> Viewer::next(Steady deadline) {
  const std::shared_ptr<asio::steady_timer> wake = wake_;
  // Another viewer may have been woken: the timer can be shared.
  while (waits() && std::chrono::steady_clock::now() < deadline) {
    wake->expires_at(deadline);
    co_await wake->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (auto taken = take()) co_return *std::move(taken);
  co_return fail(Errc::timed_out, "the camera showed no further frame in time");
}

}  // namespace faceauth
