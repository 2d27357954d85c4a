// What is done with devices (open, ioctl) can hang in a driver, and nothing ends it then. It is done on a thread of its
// own, one piece of work at a time; whoever asked for it waits no longer than his deadline. A thread that hangs is left
// behind, and nothing more is begun here until it ends. All members on the io_context's thread.
#pragma once

#include <faced/util/clock.h>

#include <faceauth/result.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace faceauth {

class DeviceWork {
 public:
  explicit DeviceWork(boost::asio::io_context& io);
  DeviceWork(const DeviceWork&) = delete;
  DeviceWork& operator=(const DeviceWork&) = delete;
  ~DeviceWork();  // waits for nobody

  [[nodiscard]] bool under_way() const { return under_way_; }
  // Waits until nothing is under way. False at the deadline, and when what is under way is taken to hang.
  boost::asio::awaitable<bool> idle(Steady deadline);

  // `work` must own what it uses: its caller may be gone when it ends. What comes too late is destroyed on the thread,
  // since closing a device may hang as well. Errors: timed_out, camera_unavailable (the driver hangs), internal.
  template <class Work>
  boost::asio::awaitable<Result<std::invoke_result_t<Work>>> run(Work work, Steady deadline) {
    return run_task(std::make_shared<TaskOf<Work>>(std::move(work)), deadline);
  }

  // Destroys there what nobody wants any more, after what is under way; it counts as under way itself.
  template <class Value>
  void discard(Value value) {
    discarded_.push_back(std::make_shared<Discarded<Value>>(std::move(value)));
    begin_discarding();
  }

 private:
  struct Job;   // the part that both threads know
  struct Home;  // the way back to the io_context's thread, while there is one

  struct Task {
    Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    virtual ~Task() = default;
    virtual void perform() = 0;
    virtual void drop() = 0;  // what came of it
  };
  template <class Work>
  struct TaskOf final : Task {
    explicit TaskOf(Work what) : work(std::move(what)) {}
    void perform() override { value.emplace(work()); }
    void drop() override { value.reset(); }
    Work work;
    std::optional<std::invoke_result_t<Work>> value;
  };

  template <class Value>
  struct Discarded final : Task {
    explicit Discarded(Value what) : value(std::move(what)) {}
    void perform() override { value.reset(); }
    void drop() override { value.reset(); }
    std::optional<Value> value;
  };

  template <class Work>
  boost::asio::awaitable<Result<std::invoke_result_t<Work>>> run_task(std::shared_ptr<TaskOf<Work>> task,
                                                                      Steady deadline) {
    const Result<void> done = co_await perform(task, deadline);
    if (!done) co_return tl::unexpected<Error>(done.error());
    if (!task->value) co_return fail(Errc::internal, "opening the camera failed");
    co_return *std::move(task->value);
  }
  boost::asio::awaitable<Result<void>> perform(std::shared_ptr<Task> task, Steady deadline);
  static void on_thread(const std::shared_ptr<Job>& job, const std::shared_ptr<Home>& home);
  [[nodiscard]] bool begin(const std::shared_ptr<Job>& job);
  void begin_discarding();
  [[nodiscard]] Result<void> too_late() const;
  void ended();

  boost::asio::io_context& io_;
  std::shared_ptr<Home> home_;
  std::list<boost::asio::steady_timer*> waiting_;
  std::list<std::shared_ptr<Task>> discarded_;
  bool under_way_ = false;
  Steady given_up_at_{};  // from when on what is under way is taken to hang
};

}  // namespace faceauth
