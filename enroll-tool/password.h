// A password in memory that never moves, is never copied, and is wiped when it goes.
#pragma once

#include <faceauth/limits.h>
#include <faceauth/protocol.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>

namespace faceauth::enroll {

class Password {
 public:
  // Best effort: without the right to lock memory the password may reach swap. It stays locked until the process
  // ends, because unlocking a page would also unlock whatever else lies on it.
  Password() { static_cast<void>(::mlock(bytes_, sizeof bytes_)); }
  ~Password() { wipe(); }
  Password(const Password&) = delete;
  Password& operator=(const Password&) = delete;

  // False: it is longer than limits::kPasswordMax, and the byte was not taken.
  bool push(char c) {
    if (size_ == sizeof bytes_) return false;
    bytes_[size_++] = c;
    return true;
  }
  void wipe() {
    ::explicit_bzero(bytes_, sizeof bytes_);
    size_ = 0;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  // Borrows this object's memory.
  [[nodiscard]] wire::Text text() const { return {bytes_, size_}; }
  // For what one person typed twice; not constant-time.
  [[nodiscard]] bool same_as(const Password& other) const {
    return size_ == other.size_ && std::memcmp(bytes_, other.bytes_, size_) == 0;
  }

 private:
  char bytes_[limits::kPasswordMax] = {};
  std::size_t size_ = 0;
};

}  // namespace faceauth::enroll
