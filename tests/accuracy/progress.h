// A bar on stderr while something takes long, when a person is looking.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace faceauth::eval {

class Progress {
 public:
  Progress(std::string what, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance();  // from any thread

 private:
  void draw(std::size_t done) const;
  std::string what_;
  std::size_t total_;
  bool shown_;
  std::atomic<std::size_t> done_{0};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point began_, drawn_;
};

}  // namespace faceauth::eval
