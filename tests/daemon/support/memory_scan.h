// Looks for secrets in another process's memory, outside the areas that libsodium guards.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace faceauth::test {

struct Secret {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

// What a secret leaves behind when it is used in pieces: every window of `piece` bytes, at distances of `step`.
[[nodiscard]] std::vector<Secret> pieces_of(const std::string& name, std::span<const std::uint8_t> whole,
                                            std::size_t piece, std::size_t step);

struct Found {
  std::string secret, where;  // the mapping's line of /proc/PID/maps and the offset in it
  bool locked = false;        // the mapping never goes to swap
};

struct Scan {
  std::vector<Found> found;
  std::size_t guarded_areas = 0;  // left out: memory kept from dumps, as sodium_malloc makes it
  std::size_t bytes = 0;          // looked at
};

// All writable memory of the process that is not guarded. With `guarded_too`: that as well.
[[nodiscard]] Scan scan_memory(pid_t pid, std::span<const Secret> secrets, bool guarded_too = false);

}  // namespace faceauth::test
