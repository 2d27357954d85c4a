#include <faced/server/hooks.h>

#include <faced/util/fd.h>
#include <faced/util/log.h>
#include <faced/util/pidfd.h>
#include <faced/util/spawn.h>
#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace faceauth {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// By its path, although that was looked at before: whoever could put something else there meanwhile owns the path, and
// might as well have done so earlier.
Result<pid_t> spawn(const HookCall& call) {
  if (const Result<Fd> trusted = open_trusted(call.program); !trusted) return tl::unexpected<Error>(trusted.error());
  FileActions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), STDOUT_FILENO, STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
  ::posix_spawn_file_actions_addchdir_np(actions.get(), "/");
  const PlainSignals attributes(true);
  std::vector<std::string> words = {call.program, call.event}, variables = call.environment;
  const std::vector<char*> arguments = pointers_to(words), environment = pointers_to(variables);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, call.program.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data());
  if (error != 0) return fail(Errc::io, "cannot start " + call.program + ": " + std::strerror(error));
  return pid;
}

// While the group's first process is not reaped its number is nobody else's.
void kill_group(pid_t pid) { ::kill(-pid, SIGKILL); }

std::string how_it_ended(int status) {
  if (WIFEXITED(status)) return fmt::format("exit status {}", WEXITSTATUS(status));
  return fmt::format("signal {}", WTERMSIG(status));
}

std::string name_of(const HookCall& call) {
  return call.event + " of " + (call.user.empty() ? "everybody" : call.user);
}

}  // namespace

Hooks::~Hooks() {
  reap_abandoned();
  for (const auto& [pid, running] : running_) {
    kill_group(pid);
    ::waitpid(pid, nullptr, WNOHANG);
  }
}

bool Hooks::within_bounds(const HookCall& call) const {
  if (waiting_.size() >= (call.weighty ? kWaitingMost : kLightWaitingMost)) return false;
  if (call.by_uid == 0) return true;
  // By event: many of one kind keep none of another out.
  const auto alike = [&call](const auto& other) { return other.by_uid == call.by_uid && other.event == call.event; };
  const auto running = std::ranges::count_if(running_, [&](const auto& entry) { return alike(*entry.second); });
  return static_cast<std::size_t>(running + std::ranges::count_if(waiting_, alike)) < kPerUid;
}

void Hooks::run(HookCall call) {
  reap_abandoned();
  if (!within_bounds(call)) {
    log::warning("the hook is not run for " + name_of(call) + ": too many changes at once",
                 {{"FACEAUTH_EVENT", call.event}, {"FACEAUTH_USER", call.user}});
  } else if (running_.size() >= kAtOnce) {
    waiting_.push_back(std::move(call));
  } else {
    start(call);
  }
}

void Hooks::start(const HookCall& call) {
  auto running = std::make_unique<Running>(io_, call);  // what may throw, before there is a process
  abandoned_.reserve(abandoned_.size() + 1);
  const Result<pid_t> pid = spawn(call);
  if (!pid) {
    log::error("the hook is not run for " + name_of(call) + ": " + pid.error().message,
               {{"FACEAUTH_EVENT", call.event}, {"FACEAUTH_USER", call.user}});
    return;
  }
  Fd ended = pidfd_of(*pid);
  boost::system::error_code error(ended.valid() ? 0 : errno, boost::system::system_category());
  if (ended.valid()) running->ended.assign(ended.get(), error);
  if (error) {
    log::error("the hook cannot be watched: " + error.message(),
               {{"FACEAUTH_EVENT", call.event}, {"FACEAUTH_USER", call.user}});
    kill_group(*pid);
    abandoned_.push_back(*pid);  // its end may take a while, and nobody waits for it
    return;
  }
  (void)ended.release();
  running->pid = *pid;
  look_after(*running);
  running_.emplace(*pid, std::move(running));
}

void Hooks::reap_abandoned() {
  std::erase_if(abandoned_, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
}

// By number, not by address: a handler may run when its process is gone from the map.
void Hooks::look_after(Running& running) {
  running.limit.expires_after(limit_);
  running.limit.async_wait([this, pid = running.pid](boost::system::error_code error) {
    const auto found = running_.find(pid);
    if (error || found == running_.end() || found->second->limit.expiry() > std::chrono::steady_clock::now()) return;
    found->second->late = true;
    kill_group(pid);
  });
  running.ended.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this, pid = running.pid](boost::system::error_code error) {
                             if (!error) reap(pid);
                           });
}

void Hooks::reap(pid_t pid) {
  const auto found = running_.find(pid);
  if (found == running_.end()) return;
  kill_group(pid);  // whatever it left behind
  int status = 0;
  ::waitpid(pid, &status, WNOHANG);
  const Running& ended = *found->second;
  const std::string how = ended.late ? "killed, its time was up" : how_it_ended(status);
  const bool well = !ended.late && status == 0;
  log::write(well ? log::Level::info : log::Level::warning, "the hook has ended: " + how,
             {{"FACEAUTH_EVENT", ended.event}, {"FACEAUTH_USER", ended.user}});
  running_.erase(found);
  reap_abandoned();
  while (!waiting_.empty() && running_.size() < kAtOnce) {
    const HookCall next = std::move(waiting_.front());
    waiting_.pop_front();
    start(next);
  }
}

}  // namespace faceauth
