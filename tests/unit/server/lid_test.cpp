// Against a bus of the test's own, on which a logind answers.
#include <faced/server/lid.h>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <tests/unit/support/temp_dir.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

namespace faceauth {
namespace {

int hello(sd_bus_message* call, void*, sd_bus_error*) { return sd_bus_reply_method_return(call, "s", ":1.1"); }

int lid_closed(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* data, sd_bus_error*) {
  return sd_bus_message_append(reply, "b", *static_cast<bool*>(data) ? 1 : 0);
}

const sd_bus_vtable kBus[] = {SD_BUS_VTABLE_START(0),
                              SD_BUS_METHOD("Hello", "", "s", hello, SD_BUS_VTABLE_UNPRIVILEGED), SD_BUS_VTABLE_END};
const sd_bus_vtable kLogind[] = {SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("LidClosed", "b", lid_closed, 0, 0),
                                 SD_BUS_VTABLE_END};

// Serves one client after another until it is destroyed; `closed` empty: takes connections and never answers.
class FakeBus {
 public:
  explicit FakeBus(std::optional<bool> closed) : closed_(closed.value_or(false)), answers_(closed.has_value()) {
    const std::string path = dir_ / "bus";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
    if (answers_) thread_ = std::thread([this] { serve(); });
  }
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;
  ~FakeBus() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }

 private:
  void serve() {
    while (!stop_) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      sd_bus* bus = nullptr;
      sd_id128_t id{};
      sd_id128_randomize(&id);
      sd_bus_new(&bus);
      sd_bus_set_fd(bus, client, client);
      sd_bus_set_server(bus, 1, id);
      sd_bus_add_object_vtable(bus, nullptr, "/org/freedesktop/DBus", "org.freedesktop.DBus", kBus, nullptr);
      sd_bus_add_object_vtable(bus, nullptr, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", kLogind,
                               &closed_);
      sd_bus_start(bus);
      while (!stop_) {
        const int did = sd_bus_process(bus, nullptr);
        if (did < 0) break;
        if (did == 0) sd_bus_wait(bus, 20'000);
      }
      sd_bus_close_unref(bus);
    }
  }

  test::TempDir dir_;
  bool closed_;
  const bool answers_;
  std::atomic<bool> stop_{false};
  int listener_ = -1;
  std::thread thread_;
};

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::pair<bool, std::chrono::milliseconds> asked(Lid& lid) {
  asio::io_context io(1);
  bool closed = false;
  auto ask = [&]() -> asio::awaitable<void> { closed = co_await lid.is_closed(); };
  const auto begun = std::chrono::steady_clock::now();
  asio::co_spawn(io, ask, asio::detached);
  io.run();
  return {closed, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun)};
}

TEST(Lid, IsClosedOrOpenAsLogindSays) {
  for (const bool closed : {true, false}) {
    const FakeBus bus(closed);
    Lid lid;
    EXPECT_EQ(asked(lid).first, closed);
  }
}

TEST(Lid, IsOpenWithoutABus) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
  Lid lid;
  EXPECT_FALSE(asked(lid).first);
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

TEST(Lid, ABusThatNeverAnswersHoldsNobody) {
  const FakeBus bus(std::nullopt);
  Lid lid;
  const auto [closed, took] = asked(lid);
  EXPECT_FALSE(closed);
  EXPECT_LT(took.count(), 1000);
  const auto [still, again] = asked(lid);
  EXPECT_FALSE(still);
  EXPECT_LT(again.count(), 100) << "a bus that did not answer is not waited for again";
}

TEST(Lid, AQuestionThatIsOpenWhenTheKeeperStopsEndsWithIt) {
  const FakeBus bus(std::nullopt);
  const std::size_t before = open_descriptors();
  bool ended = false;
  const auto begun = std::chrono::steady_clock::now();
  {
    Lid lid;
    asio::io_context io(1);
    auto ask = [&]() -> asio::awaitable<void> {
      co_await lid.is_closed();
      ended = true;
    };
    asio::co_spawn(io, ask, asio::detached);
    io.run_for(std::chrono::milliseconds(50));
    EXPECT_GT(open_descriptors(), before) << "it is being asked";
  }
  EXPECT_FALSE(ended);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(200)) << "nobody waits for the bus";
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace faceauth
