#include <faced/server/lid.h>

#include <faced/util/clock.h>

#include <systemd/sd-bus.h>

#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>

namespace faceauth {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPatience{250};
constexpr std::uint64_t kCallWithinUs = 200'000;

struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};

}  // namespace

struct Lid::Question {
  Steady asked = std::chrono::steady_clock::now();
  std::atomic<bool> closed{false}, answered{false};  // written by the thread that asks
};

bool ask_whether_lid_is_closed() {
  sd_bus* opened = nullptr;
  if (::sd_bus_open_system(&opened) < 0) return false;
  const std::unique_ptr<sd_bus, CloseBus> bus(opened);
  ::sd_bus_set_method_call_timeout(bus.get(), kCallWithinUs);
  int closed = 0;
  const int got = ::sd_bus_get_property_trivial(bus.get(), "org.freedesktop.login1", "/org/freedesktop/login1",
                                                "org.freedesktop.login1.Manager", "LidClosed", nullptr, 'b', &closed);
  return got >= 0 && closed != 0;
}

asio::awaitable<bool> Lid::is_closed() {
  if (!asked_ || asked_->answered) {
    auto question = std::make_shared<Question>();
    try {
      std::thread([question] {
        question->closed = ask_whether_lid_is_closed();
        question->answered = true;
      }).detach();
    } catch (const std::system_error&) {
      co_return false;
    }
    asked_ = std::move(question);
  }
  // An answer that is overdue is not waited for again.
  const std::shared_ptr<Question> question = asked_;
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (milliseconds nap{1}; !question->answered; nap *= 2) {
    if (std::chrono::steady_clock::now() - question->asked >= kPatience) co_return false;
    pause.expires_after(nap);
    co_await pause.async_wait(kQuietly);
  }
  co_return question->closed.load();
}

}  // namespace faceauth
