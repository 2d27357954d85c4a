// A restore is one transaction on the keeper's one thread: a large one must not look like a daemon that hangs.
#pragma once

#include <faced/store/restore.h>
#include <faced/util/clock.h>

#include <chrono>
#include <optional>

namespace faceauth {

// Tells systemd's watchdog, user by user, that there is progress.
class WatchedSource final : public RestoreSource {
 public:
  explicit WatchedSource(RestoreSource& source, std::chrono::milliseconds period = std::chrono::seconds(1))
      : source_(source), period_(period) {}

  [[nodiscard]] Result<void> rewind() override { return source_.rewind(); }
  [[nodiscard]] Result<std::optional<BackupUser>> next() override;

 private:
  RestoreSource& source_;
  std::chrono::milliseconds period_;
  std::optional<Steady> told_;
};

}  // namespace faceauth
