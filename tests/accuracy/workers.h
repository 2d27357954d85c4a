// Work over many items on several threads, each with networks of its own, loaded when the first item needs them.
#pragma once

#include <faced/vision/analyser.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace faceauth::eval {

struct Networks {
  std::string directory;
  Encoder encoder = shipped_encoder();
};

class LazyAnalyser {
 public:
  explicit LazyAnalyser(const Networks& models) : models_(models) {}
  [[nodiscard]] Result<vision::Analyser*> get();

 private:
  const Networks& models_;
  std::optional<vision::Analyser> analyser_;
};

// Calls `work` for 0..count-1, in no particular order; the first error ends it all. `jobs` 0 = one per processor.
[[nodiscard]] Result<void> for_each_item(const Networks& models, unsigned jobs, const std::string& what,
                                         std::size_t count,
                                         const std::function<Result<void>(LazyAnalyser&, std::size_t)>& work);

[[nodiscard]] unsigned jobs_or_all(unsigned jobs);

}  // namespace faceauth::eval
