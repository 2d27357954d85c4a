// Bounded little-endian reading and writing over memory the caller owns. No allocation, no exceptions; libc only.
//
// Both are sticky: after the first failure every further call fails and yields zeros, so a decoder reads all
// its fields and asks once, by complete(), whether all of them were there and nothing was left over.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace faceauth {

// A borrowed run of bytes. Never null when size > 0.
struct Bytes {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

class Reader {
 public:
  constexpr Reader(const std::uint8_t* data, std::size_t size) noexcept : at_(data), left_(size) {}

  std::uint8_t u8() noexcept { return take(1) ? last_[0] : std::uint8_t{0}; }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64() noexcept { return little(8); }
  float f32() noexcept { return std::bit_cast<float>(u32()); }
  double f64() noexcept { return std::bit_cast<double>(u64()); }

  // Exactly `size` bytes into `out`; zeros when they are not there.
  void raw(void* out, std::size_t size) noexcept {
    if (take(size))
      std::memcpy(out, last_, size);
    else
      std::memset(out, 0, size);
  }

  // A u16 length and that many bytes, at most `max`. The view borrows the reader's memory.
  Bytes blob(std::size_t max) noexcept {
    const std::size_t size = u16();
    if (size > max) good_ = false;
    if (!take(size)) return {};
    return {last_, size};
  }

  // Enumerations: a value in [0, last], else failure.
  std::uint8_t upto(std::uint8_t last) noexcept {
    const std::uint8_t v = u8();
    if (v > last) good_ = false;
    return good_ ? v : std::uint8_t{0};
  }

  // A flag: 0 or 1, else failure.
  bool flag() noexcept { return upto(1) == 1; }

  void invalidate() noexcept { good_ = false; }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool complete() const noexcept { return good_ && left_ == 0; }

 private:
  bool take(std::size_t n) noexcept {
    if (!good_ || n > left_) {
      good_ = false;
      return false;
    }
    last_ = at_;
    at_ += n;
    left_ -= n;
    return true;
  }
  std::uint64_t little(std::size_t n) noexcept {
    if (!take(n)) return 0;
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < n; ++i) v |= std::uint64_t{last_[i]} << (8 * i);
    return v;
  }

  const std::uint8_t* at_;
  std::size_t left_;
  const std::uint8_t* last_ = nullptr;
  bool good_ = true;
};

class Writer {
 public:
  constexpr Writer(std::uint8_t* data, std::size_t capacity) noexcept : data_(data), capacity_(capacity) {}

  void u8(std::uint8_t v) noexcept { little(v, 1); }
  void u16(std::uint16_t v) noexcept { little(v, 2); }
  void u32(std::uint32_t v) noexcept { little(v, 4); }
  void u64(std::uint64_t v) noexcept { little(v, 8); }
  void f32(float v) noexcept { u32(std::bit_cast<std::uint32_t>(v)); }
  void f64(double v) noexcept { u64(std::bit_cast<std::uint64_t>(v)); }
  void flag(bool v) noexcept { u8(v ? 1 : 0); }

  void raw(const void* in, std::size_t size) noexcept {
    if (!good_ || size > capacity_ - size_) {
      good_ = false;
      return;
    }
    if (size > 0) std::memcpy(data_ + size_, in, size);
    size_ += size;
  }

  // A u16 length and the bytes; fails when longer than `max`.
  void blob(Bytes in, std::size_t max) noexcept {
    if (in.size > max || in.size > 0xffff) {
      good_ = false;
      return;
    }
    u16(static_cast<std::uint16_t>(in.size));
    raw(in.data, in.size);
  }

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] std::size_t size() const noexcept { return good_ ? size_ : 0; }

 private:
  void little(std::uint64_t v, std::size_t n) noexcept {
    if (!good_ || n > capacity_ - size_) {
      good_ = false;
      return;
    }
    for (std::size_t i = 0; i < n; ++i) data_[size_++] = static_cast<std::uint8_t>(v >> (8 * i));
  }

  std::uint8_t* data_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool good_ = true;
};

}  // namespace faceauth
