#include <tests/accuracy/progress.h>
#include <tests/accuracy/workers.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace faceauth::eval {

Result<vision::Analyser*> LazyAnalyser::get() {
  if (!analyser_) {
    Result<vision::Analyser> loaded = vision::Analyser::load(models_.directory, models_.encoder);
    if (!loaded) return fail(std::move(loaded));
    analyser_.emplace(*std::move(loaded));
  }
  return &*analyser_;
}

unsigned jobs_or_all(unsigned jobs) { return jobs > 0 ? jobs : std::max(1U, std::thread::hardware_concurrency()); }

Result<void> for_each_item(const Networks& models, unsigned jobs, const std::string& what, std::size_t count,
                           const std::function<Result<void>(LazyAnalyser&, std::size_t)>& work) {
  Progress progress(what, count);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  Result<void> outcome;
  const auto loop = [&] {
    LazyAnalyser analyser(models);
    for (std::size_t i = next++; i < count && !stop; i = next++) {
      if (Result<void> done = work(analyser, i); !done) {
        const std::lock_guard lock(mutex);
        outcome = std::move(done);
        stop = true;
      }
      progress.advance();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min<std::size_t>(jobs_or_all(jobs), count); ++i) threads.emplace_back(loop);
  }
  return outcome;
}

}  // namespace faceauth::eval
