#include <faced/vision_link/device_work.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>

namespace faceauth {

namespace asio = boost::asio;

namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
// A camera that was asleep takes a second or two.
constexpr std::chrono::milliseconds kPatience{4000};

constexpr const char* kHangs =
    "the camera's driver does not answer; plug the camera in anew, or restart the machine, and see the kernel's log";

}  // namespace

struct DeviceWork::Home {
  std::mutex mutex;
  DeviceWork* there = nullptr;  // null once it is gone
};

struct DeviceWork::Job {
  std::shared_ptr<Task> task;
  asio::steady_timer* wake = nullptr;  // on the io_context's thread only; null when nobody waits any more
  std::mutex mutex;
  bool finished = false, given_up = false;  // the first of them holds
};

DeviceWork::DeviceWork(asio::io_context& io) : io_(io), home_(std::make_shared<Home>()) { home_->there = this; }

DeviceWork::~DeviceWork() {
  const std::lock_guard lock(home_->mutex);
  home_->there = nullptr;
}

// False where no thread can be started.
bool DeviceWork::begin(const std::shared_ptr<Job>& job) {
  try {
    std::thread(&DeviceWork::on_thread, job, home_).detach();
  } catch (const std::system_error&) {
    return false;
  }
  given_up_at_ = std::chrono::steady_clock::now() + kPatience;
  under_way_ = true;
  return true;
}

// What no thread can be started for waits for the next one.
void DeviceWork::begin_discarding() {
  if (under_way_ || discarded_.empty()) return;
  auto job = std::make_shared<Job>();
  job->task = discarded_.front();
  if (begin(job)) discarded_.pop_front();
}

void DeviceWork::ended() {
  under_way_ = false;
  begin_discarding();
  for (asio::steady_timer* timer : waiting_) timer->cancel();
}

asio::awaitable<bool> DeviceWork::idle(Steady deadline) {
  asio::steady_timer timer(io_);
  const auto place = waiting_.insert(waiting_.end(), &timer);
  for (Steady until; under_way_ && std::chrono::steady_clock::now() < (until = std::min(deadline, given_up_at_));) {
    timer.expires_at(until);
    co_await timer.async_wait(kQuietly);
  }
  waiting_.erase(place);
  co_return !under_way_;
}

void DeviceWork::on_thread(const std::shared_ptr<Job>& job, const std::shared_ptr<Home>& home) {
  try {
    job->task->perform();
  } catch (...) {  // out of memory: told as a task without a value
    job->task->drop();
  }
  {
    const std::lock_guard lock(job->mutex);
    job->finished = !job->given_up;
  }
  if (!job->finished) job->task->drop();
  const std::lock_guard lock(home->mutex);
  if (home->there == nullptr) return;
  asio::post(home->there->io_, [job, home] {
    if (job->wake != nullptr) job->wake->cancel();
    if (home->there != nullptr) home->there->ended();
  });
}

asio::awaitable<Result<void>> DeviceWork::perform(std::shared_ptr<Task> task, Steady deadline) {
  if (under_way_) co_return too_late();
  auto job = std::make_shared<Job>();
  asio::steady_timer wake(io_);
  job->task = std::move(task);
  job->wake = &wake;
  if (!begin(job)) co_return fail(Errc::camera_unavailable, "no thread could be started to open the camera");
  wake.expires_at(std::min(deadline, given_up_at_));
  co_await wake.async_wait(kQuietly);
  job->wake = nullptr;
  {
    const std::lock_guard lock(job->mutex);
    if (job->finished) co_return Result<void>{};
    job->given_up = true;
  }
  co_return too_late();
}

Result<void> DeviceWork::too_late() const {
  if (std::chrono::steady_clock::now() >= given_up_at_) return fail(Errc::camera_unavailable, kHangs);
  return fail(Errc::timed_out, "the camera took too long to open");
}

}  // namespace faceauth
