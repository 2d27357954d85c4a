#include <tests/accuracy/progress.h>

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace faceauth::eval {
namespace {
constexpr std::size_t kWidth = 30;
constexpr std::chrono::milliseconds kBetween{200};
}  // namespace

Progress::Progress(std::string what, std::size_t total)
    : what_(std::move(what)),
      total_(total),
      shown_(total > 0 && ::isatty(STDERR_FILENO) == 1),
      began_(std::chrono::steady_clock::now()),
      drawn_(began_ - kBetween) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::advance() {
  const std::size_t done = ++done_;
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < kBetween) return;
  drawn_ = now;
  draw(done);
}

void Progress::draw(std::size_t done) const {
  const double seconds = std::chrono::duration<double>(drawn_ - began_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const std::size_t full = done * kWidth / total_;
  fmt::print(stderr, "\r\033[K{} [{}{}] {}/{}, {:.0f} s to go", what_, std::string(full, '#'),
             std::string(kWidth - full, '.'), done, total_, rate > 0 ? static_cast<double>(total_ - done) / rate : 0.0);
  std::fflush(stderr);
}

}  // namespace faceauth::eval
