// Memory for keys, passwords and encodings: guarded and locked by libsodium (sodium_malloc), wiped when freed,
// moved but never copied, and without any way to print it. Each one costs four pages: hold few.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace faceauth {

namespace detail {
// Zeroed guarded memory; ends the process when there is none (sodium_init done on first use).
void* secret_allocate(std::size_t size);
// The same of memory that is locked for certain; null when it may not be.
void* secret_allocate_if_lockable(std::size_t size);
void secret_free(void* memory) noexcept;
struct SecretFree {
  void operator()(void* memory) const noexcept { secret_free(memory); }
};
}  // namespace detail

// Overwrites memory so that the compiler cannot drop the store.
void wipe(void* memory, std::size_t size) noexcept;

// True, once, after memory for a secret could not be locked (RLIMIT_MEMLOCK): a swap file may then come to hold it.
[[nodiscard]] bool secrets_became_swappable() noexcept;

// True when equal; time depends on the sizes alone.
[[nodiscard]] bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

// One value of a plain type. Zero-initialised. Empty (and not to be dereferenced) after being moved from.
template <class T>
requires std::is_trivially_copyable_v<T>
class Secret {
 public:
  Secret() : value_(static_cast<T*>(detail::secret_allocate(sizeof(T)))) {}
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  [[nodiscard]] T& operator*() noexcept { return *value_; }
  [[nodiscard]] const T& operator*() const noexcept { return *value_; }
  [[nodiscard]] T* operator->() noexcept { return value_.get(); }
  [[nodiscard]] const T* operator->() const noexcept { return value_.get(); }
  [[nodiscard]] bool empty() const noexcept { return value_ == nullptr; }
  [[nodiscard]] std::span<std::uint8_t> bytes() noexcept {
    return {reinterpret_cast<std::uint8_t*>(value_.get()), sizeof(T)};
  }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {reinterpret_cast<const std::uint8_t*>(value_.get()), sizeof(T)};
  }
  // A second guarded copy, said out loud.
  [[nodiscard]] Secret clone() const {
    Secret other;
    *other.value_ = *value_;
    return other;
  }

 private:
  std::unique_ptr<T, detail::SecretFree> value_;
};

// A run of bytes whose size is fixed when made.
class SecretBytes {
 public:
  SecretBytes() noexcept = default;  // empty
  explicit SecretBytes(std::size_t size)
      : data_(size > 0 ? static_cast<std::uint8_t*>(detail::secret_allocate(size)) : nullptr), size_(size) {}
  SecretBytes(SecretBytes&& o) noexcept : data_(std::move(o.data_)), size_(std::exchange(o.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& o) noexcept {
    data_ = std::move(o.data_);
    size_ = std::exchange(o.size_, 0);
    return *this;
  }
  // Locked for certain, and at most lockable(); empty when that does not do.
  static SecretBytes locked(std::size_t size);
  // Half of what the process may lock (RLIMIT_MEMLOCK), so that keys find room, in bytes: whoever holds several shares
  // it out among them.
  [[nodiscard]] static std::size_t lockable() noexcept;
  // Copies `size` bytes in; the caller wipes its own.
  static SecretBytes copy_of(const void* data, std::size_t size);

  [[nodiscard]] std::span<std::uint8_t> bytes() noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  std::unique_ptr<std::uint8_t, detail::SecretFree> data_;
  std::size_t size_ = 0;
};

using Key = Secret<std::array<std::uint8_t, 32>>;

}  // namespace faceauth
