// What a restore must not do to the machine on its way: fill the disk, or look like a daemon that hangs.
#include <faced/crypto/aead.h>
#include <faced/server/staged_backup.h>
#include <faced/server/watched_source.h>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <tests/unit/support/temp_dir.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace faceauth {
namespace {

class ManyUsers final : public RestoreSource {
 public:
  Result<void> rewind() override { return {}; }
  Result<std::optional<BackupUser>> next() override {
    if (left == 0) return std::optional<BackupUser>{};
    --left;
    return std::optional<BackupUser>(BackupUser{});
  }
  int left = 5;
};

class NotifySocket {
 public:
  NotifySocket() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (dir_ / "notify").c_str(), sizeof address.sun_path - 1);
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", (dir_ / "notify").c_str(), 1);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  int told() const {
    int count = 0;
    char text[64] = {};
    while (::recv(fd_, text, sizeof text, 0) > 0) count += std::string(text).starts_with("WATCHDOG=1") ? 1 : 0;
    return count;
  }

 private:
  test::TempDir dir_;
  int fd_ = -1;
};

int walk(std::chrono::milliseconds period) {
  const NotifySocket notify;
  ManyUsers users;
  WatchedSource watched(users, period);
  EXPECT_TRUE(watched.rewind());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE((*watched.next()).has_value());
  EXPECT_FALSE((*watched.next()).has_value());
  return notify.told();
}

TEST(WatchedSource, TellsTheWatchdogThatThereIsProgressAndNotMoreOftenThanNeeded) {
  EXPECT_EQ(walk(std::chrono::milliseconds(0)), 6);
  EXPECT_EQ(walk(std::chrono::hours(1)), 1);
}

// A start and as many users without templates as wanted, as a client sends them.
std::vector<std::vector<std::uint8_t>> chunks_of(const Key& key, backup::HeadBytes& head, int users) {
  SealingStream stream(key);
  head = backup::encode(backup::Head{{}, {}, stream.header()});
  std::vector<std::vector<std::uint8_t>> all{stream.seal(backup::encode_start(UnixTime{}).bytes(), head, false)};
  for (int i = 0; i < users; ++i) {
    UserSummary user;
    user.name = "user" + std::to_string(100 + i);  // in the order of names
    all.push_back(stream.seal(backup::encode(user, nullptr).bytes(), {}, false));
  }
  return all;
}

TEST(StagedBackup, KeepsNoMoreThanMayBe) {
  const test::TempDir dir;
  const Key key = random_key();
  backup::HeadBytes head{};
  const auto chunks = chunks_of(key, head, 20);
  std::size_t whole = 0;
  for (const auto& chunk : chunks) whole += chunk.size() + 2;
  for (const bool fits : {true, false}) {
    auto staged = StagedBackup::open(dir.path(), key.clone(), head, fits ? whole : whole - 1);
    ASSERT_TRUE(staged);
    for (std::size_t i = 0; i + 1 < chunks.size(); ++i) ASSERT_TRUE((*staged)->take(chunks[i], false)) << i;
    const auto last = (*staged)->take(chunks.back(), false);
    EXPECT_EQ(last.has_value(), fits);
    if (!last) {
      EXPECT_EQ(last.error().code, Errc::no_space);
    }
  }
}

}  // namespace
}  // namespace faceauth
