// The eye's first process: holds the loaded models, looks at nothing itself, and forks a worker for every camera
// session and every photo. What breaks a worker ends with it.
#pragma once

#include <faced/vision/analyser.h>
#include <faced/vision/link.h>

#include <sys/types.h>

#include <chrono>
#include <list>
#include <vector>

namespace faceauth::vision {

class Zygote {
 public:
  // `child_exits`: a signalfd for SIGCHLD, which is blocked. It is made before the process is locked in.
  Zygote(Link link, Analyser analyser, Fd child_exits)
      : link_(std::move(link)), analyser_(std::move(analyser)), child_exits_(std::move(child_exits)) {}

  // Greets the keeper and serves until it closes the link; its workers end with this process.
  // Errors: protocol, io: the link cannot be used any longer.
  [[nodiscard]] Result<void> run();

 private:
  // The worker's end of its socket is kept to notice that the keeper closed the other one: that ends the worker.
  struct Worker {
    pid_t pid = -1;
    Fd socket;  // let go of once the worker was killed
    bool has_camera = false;
  };

  // A camera streams to one reader only: a session waits here until the driver has let go of the one before.
  struct Waiting {
    eye::OpenCamera job;
    std::vector<Fd> files;  // as for start()
    std::chrono::steady_clock::time_point until;
  };

  [[nodiscard]] bool wait_for_work();
  Result<void> handle(Packet packet);
  template <class Job>
  void start(const Job& job, std::vector<Fd> files, bool has_camera);
  void reap();
  void start_waiting_sessions();

  Link link_;
  Analyser analyser_;
  Fd child_exits_;
  std::list<Worker> workers_;
  std::list<Waiting> waiting_;
};

}  // namespace faceauth::vision
