// Zeros, aligned to a cache line and to the longest vector.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace faceauth::vision {

class Floats {
 public:
  Floats() = default;
  explicit Floats(std::size_t count) : numbers_(new (std::align_val_t{64}) float[count]()) {}
  [[nodiscard]] bool empty() const { return numbers_ == nullptr; }
  [[nodiscard]] float* data() { return numbers_.get(); }
  [[nodiscard]] const float* data() const { return numbers_.get(); }

 private:
  struct Delete {
    void operator()(float* numbers) const { ::operator delete[](numbers, std::align_val_t{64}); }
  };
  std::unique_ptr<float[], Delete> numbers_;
};

}  // namespace faceauth::vision
