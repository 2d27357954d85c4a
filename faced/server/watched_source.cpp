#include <faced/server/watched_source.h>

#include <systemd/sd-daemon.h>

namespace faceauth {

Result<std::optional<BackupUser>> WatchedSource::next() {
  const Steady now = std::chrono::steady_clock::now();
  if (!told_ || now - *told_ >= period_) {
    told_ = now;
    ::sd_notify(0, "WATCHDOG=1");
  }
  return source_.next();
}

}  // namespace faceauth
