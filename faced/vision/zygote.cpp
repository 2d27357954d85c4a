#include <faced/vision/confine.h>
#include <faced/vision/worker.h>
#include <faced/vision/zygote.h>

#include <faceauth/limits.h>

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswerPatience{limits::kEyePingMs};
constexpr milliseconds kCameraRelease{limits::kEyePingMs / 2};  // how long a driver may take to let go of a dead reader

enum WorkerExit { kDone = 0, kNotLockedIn = 1, kThrew = 2 };

eye::ModelName name_field(const std::string& name) {
  eye::ModelName field{};
  std::copy_n(name.begin(), std::min(name.size(), field.size() - 1), field.begin());
  return field;
}

tl::unexpected<Error> broken(const char* what) { return fail(Errc::protocol, std::string("the keeper sent ") + what); }

// Not by dprintf(), which asks what stderr is before it writes: a call that is no longer allowed.
void tell(const char* what, int detail) {
  const std::string line = fmt::format("faced-vision: a worker {} {}\n", what, detail);
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

// A worker that nobody told to end, and why it did.
void report(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
    tell("called abort() or what its filter does not let it: signal", SIGSYS);
  else if (WIFSIGNALED(status))
    tell("was ended by signal", WTERMSIG(status));
  else if (WIFEXITED(status) && WEXITSTATUS(status) != kDone)
    tell("gave up with status", WEXITSTATUS(status));
}

// Of what the first process has open, a worker keeps `kept` (and stdin, stdout and stderr): no link, no other worker.
void close_all_but(std::vector<unsigned> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = STDERR_FILENO + 1;
  for (const unsigned fd : kept) {
    if (fd > from) ::close_range(from, fd - 1, 0);
    from = fd + 1;
  }
  ::close_range(from, ~0U, 0);
}

Result<void> work(const Link& keeper, Analyser& analyser, const eye::OpenCamera& job, std::vector<Fd> files) {
  return watch_camera(keeper, analyser, job, std::move(files));
}

Result<void> work(const Link& keeper, Analyser& analyser, const eye::EncodeImage& job, std::vector<Fd> files) {
  return examine_photo(keeper, analyser, job, files.front());
}

// In the fresh process. Leaves by _exit: what the first process built is not this one's to tear down.
template <class Job>
[[noreturn]] void become_worker(pid_t parent, Fd socket, Analyser& analyser, const Job& job, std::vector<Fd> files) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(kNotLockedIn);
  std::vector<unsigned> kept{static_cast<unsigned>(socket.get())};
  for (const Fd& file : files) kept.push_back(static_cast<unsigned>(file.get()));
  close_all_but(std::move(kept));
  silence_worker();
  int code = kThrew;
  try {
    code = work(Link(std::move(socket)), analyser, job, std::move(files)) ? kDone : kNotLockedIn;
  } catch (const std::exception&) {
  }
  ::_exit(code);
}

}  // namespace

Result<void> Zygote::run() {
  const ModelNames& names = analyser_.models();
  eye::Ready ready;
  ready.dlib = name_field(names.dlib);
  ready.feature = name_field(names.feature);
  ready.liveness = name_field(names.liveness);
  ready.detector = name_field(names.detector);
  if (!link_.send(eye::Type::ready, ready, kAnswerPatience)) return fail(Errc::io, "the keeper does not read the link");
  for (;;) {
    if (!wait_for_work()) continue;
    Result<Packet> packet = link_.receive();
    if (!packet && packet.error().code == Errc::cancelled) return {};
    if (!packet) return fail(std::move(packet));
    if (Result<void> handled = handle(*std::move(packet)); !handled) return handled;
  }
}

// Looks after the workers; true when the link has something to read.
bool Zygote::wait_for_work() {
  // The link first: when a new session is seen in this round, so is the end of the one before.
  std::vector<pollfd> wait{{link_.fd(), POLLIN, 0}, {child_exits_.get(), POLLIN, 0}};
  for (const Worker& worker : workers_) wait.push_back({worker.socket.get(), 0, 0});
  for (const Waiting& session : waiting_) wait.push_back({session.files.front().get(), 0, 0});
  int patience = -1;
  if (!waiting_.empty()) {
    const auto left = std::chrono::ceil<milliseconds>(waiting_.front().until - steady_clock::now());
    patience = static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
  }
  if (::poll(wait.data(), wait.size(), patience) < 0) return false;
  auto polled = wait.begin() + 2;
  const auto is_abandoned = [&polled] { return ((polled++)->revents & (POLLHUP | POLLERR)) != 0; };
  for (Worker& worker : workers_) {
    if (!is_abandoned()) continue;
    ::kill(worker.pid, SIGKILL);  // ours and not reaped yet, so still the same process
    worker.socket.reset();
  }
  std::erase_if(waiting_, [&](const Waiting&) { return is_abandoned(); });
  if (wait[1].revents != 0) reap();
  start_waiting_sessions();
  return wait[0].revents != 0;
}

void Zygote::reap() {
  std::array<signalfd_siginfo, 16> told;
  (void)!::read(child_exits_.get(), told.data(), sizeof told);
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto worker = std::find_if(workers_.begin(), workers_.end(), [pid](const Worker& w) { return w.pid == pid; });
    if (worker == workers_.end()) continue;
    const bool unasked = worker->socket.valid();
    if (unasked) report(status);
    workers_.erase(worker);  // closes the socket for good, which tells the keeper
    if (unasked && WIFSIGNALED(status))
      (void)link_.send(eye::Type::worker_died, eye::WorkerDied{static_cast<std::uint8_t>(WTERMSIG(status))},
                       milliseconds{0});
  }
}

Result<void> Zygote::handle(Packet packet) {
  Reader body(packet.bytes.data(), packet.size);
  switch (static_cast<eye::Type>(body.u8())) {
    case eye::Type::open_camera: {
      eye::OpenCamera wanted;
      if (!decode(body, wanted) || packet.files.size() < 2) return broken("a malformed open_camera");
      if (waiting_.size() >= limits::kEyeWorkersMax) return {};  // closes the socket
      waiting_.push_back({wanted, std::move(packet.files), steady_clock::now() + kCameraRelease});
      start_waiting_sessions();
      return {};
    }
    case eye::Type::encode_image: {
      eye::EncodeImage wanted;
      if (!decode(body, wanted) || packet.files.size() != 2) return broken("a malformed encode_image");
      start(wanted, std::move(packet.files), false);
      return {};
    }
    case eye::Type::ping: {
      eye::Ping ping;
      if (!decode(body, ping)) return broken("a malformed ping");
      if (!link_.send(eye::Type::pong, ping, kAnswerPatience))
        return fail(Errc::io, "the keeper does not read the link");
      return {};
    }
    default:
      return broken("an unknown message");
  }
}

// The first of `files` is the worker's end of its own socket. Without a worker it is closed, which tells the keeper.
template <class Job>
void Zygote::start(const Job& job, std::vector<Fd> files, bool has_camera) {
  if (workers_.size() >= limits::kEyeWorkersMax) {
    tell("more than may be, beyond", static_cast<int>(limits::kEyeWorkersMax));
    return;
  }
  Fd socket = std::move(files.front());
  files.erase(files.begin());
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become_worker(self, std::move(socket), analyser_, job, std::move(files));
  if (pid < 0)
    tell("could not be forked: error", errno);
  else
    workers_.push_back({pid, std::move(socket), has_camera});
}

// The session before was killed when the keeper left it, and may not be gone yet.
void Zygote::start_waiting_sessions() {
  const auto dying = [](const Worker& worker) { return worker.has_camera && !worker.socket.valid(); };
  while (!waiting_.empty()) {
    const bool held = std::any_of(workers_.begin(), workers_.end(), dying);
    if (held && steady_clock::now() < waiting_.front().until) return;
    Waiting session = std::move(waiting_.front());
    waiting_.pop_front();
    start(session.job, std::move(session.files), true);
  }
}

}  // namespace faceauth::vision
