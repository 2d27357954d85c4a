#include <faced/crypto/secret.h>

#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace faceauth {

namespace detail {

namespace {

[[noreturn]] void die(const char* why) {
  std::fprintf(stderr, "faceauth: %s\n", why);
  std::abort();
}

// Any thread may ask for secrets.
std::atomic<bool> lock_failed{false};

}  // namespace

// sodium_malloc ends the region at a page boundary, so a type whose size is a multiple of its alignment (every C++
// type) lies aligned.
void* secret_allocate(std::size_t size) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) die("libsodium cannot start: no source of randomness");
  void* const memory = sodium_malloc(size);
  if (memory == nullptr) die("no guarded memory left for a secret");
  std::memset(memory, 0, size);
  // sodium_malloc locks, too, and does not tell when it may not.
  if (::mlock(memory, size) != 0) lock_failed = true;
  return memory;
}

void* secret_allocate_if_lockable(std::size_t size) {
  if (sodium_init() < 0) return nullptr;
  void* const memory = sodium_malloc(size);
  if (memory == nullptr) return nullptr;
  if (::mlock(memory, size) != 0) {
    sodium_free(memory);
    return nullptr;
  }
  std::memset(memory, 0, size);
  return memory;
}

void secret_free(void* memory) noexcept { sodium_free(memory); }

}  // namespace detail

bool secrets_became_swappable() noexcept {
  static std::atomic<bool> told{false};
  return detail::lock_failed && !told.exchange(true);
}

void wipe(void* memory, std::size_t size) noexcept { sodium_memzero(memory, size); }

bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

SecretBytes SecretBytes::locked(std::size_t size) {
  if (size == 0 || size > lockable()) return {};
  SecretBytes bytes;
  bytes.data_.reset(static_cast<std::uint8_t*>(detail::secret_allocate_if_lockable(size)));
  if (!bytes.data_) return {};
  bytes.size_ = size;
  return bytes;
}

std::size_t SecretBytes::lockable() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : static_cast<std::size_t>(limit.rlim_cur / 2);
}

SecretBytes SecretBytes::copy_of(const void* data, std::size_t size) {
  SecretBytes copy(size);
  if (size > 0) std::memcpy(copy.data_.get(), data, size);
  return copy;
}

}  // namespace faceauth
