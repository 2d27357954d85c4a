// What a restore takes in and gives back.
#pragma once

#include <faced/store/backup_format.h>

#include <faceauth/result.h>

#include <cstdint>
#include <optional>

namespace faceauth {

enum class RestoreMode : std::uint8_t {
  into_empty = 0,  // a store with users is refused
  merge = 1,       // who is registered here stays as he is
  replace = 2,     // the store holds what the backup holds, and nothing else
};
inline constexpr std::uint8_t kRestoreModeLast = 2;

// The users, in the order of names; walked again from the start when a transaction has to be.
class RestoreSource {
 public:
  virtual ~RestoreSource() = default;
  [[nodiscard]] virtual Result<void> rewind() = 0;
  [[nodiscard]] virtual Result<std::optional<BackupUser>> next() = 0;  // nothing behind the last
};

struct Restored {
  std::uint64_t users = 0, templates = 0;
  std::uint64_t kept = 0;  // of the backup, but registered here already (merge)
};

}  // namespace faceauth
