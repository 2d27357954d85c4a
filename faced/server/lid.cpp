#include <faced/server/lid.h>
#include <faced/util/fd.h>

#include <fcntl.h>
#include <poll.h>
#include <systemd/sd-bus.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using Watch = asio::posix::stream_descriptor;

constexpr milliseconds kPatience{250};
constexpr std::chrono::seconds kNotAskedAgainFor{10};

struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;

// Nothing while it is not known; what went wrong is an open lid.
using Answer = std::optional<bool>;

int take_answer(sd_bus_message* reply, void* data, sd_bus_error*) {
  int closed = 0;
  const bool got =
      ::sd_bus_message_is_method_error(reply, nullptr) == 0 && ::sd_bus_message_read(reply, "v", "b", &closed) > 0;
  *static_cast<Answer*>(data) = got && closed != 0;
  return 1;
}

// `answer` must live as long as the bus.
Bus ask(Answer& answer) {
  sd_bus* opened = nullptr;
  if (::sd_bus_open_system(&opened) < 0) return nullptr;
  Bus bus(opened);
  const int sent = ::sd_bus_call_method_async(bus.get(), nullptr, "org.freedesktop.login1", "/org/freedesktop/login1",
                                              "org.freedesktop.DBus.Properties", "Get", take_answer, &answer, "ss",
                                              "org.freedesktop.login1.Manager", "LidClosed");
  return sent < 0 ? nullptr : std::move(bus);
}

}  // namespace

asio::awaitable<bool> Lid::is_closed() {
  using namespace asio::experimental::awaitable_operators;
  const Steady begun = std::chrono::steady_clock::now();
  if (begun < silent_until_) co_return false;
  Answer answer;
  const Bus bus = ask(answer);
  if (!bus) co_return false;
  // A descriptor of its own: the bus closes the other one itself.
  Fd own(::fcntl(::sd_bus_get_fd(bus.get()), F_DUPFD_CLOEXEC, 0));
  if (!own.valid()) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  Watch watch(executor, own.release());
  asio::steady_timer limit(executor, begun + kPatience);
  while (std::chrono::steady_clock::now() - begun < kPatience) {
    const int did = ::sd_bus_process(bus.get(), nullptr);
    if (answer) co_return *answer;
    if (did < 0) co_return false;
    if (did > 0) continue;
    const bool writes = (::sd_bus_get_events(bus.get()) & POLLOUT) != 0;
    co_await (watch.async_wait(writes ? Watch::wait_write : Watch::wait_read, kQuietly) || limit.async_wait(kQuietly));
  }
  silent_until_ = std::chrono::steady_clock::now() + kNotAskedAgainFor;
  co_return false;
}

}  // namespace faceauth
