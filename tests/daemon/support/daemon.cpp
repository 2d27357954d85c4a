#include "daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <tests/support/built.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace faceauth::test {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

milliseconds since(Clock::time_point start) { return std::chrono::duration_cast<milliseconds>(Clock::now() - start); }

std::string slurp(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::trunc) << text; }

// Receives sd_notify's datagrams.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) {
    ::unlink(path.c_str());
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("bind notify");
  }
  ~NotifySocket() { ::close(fd_); }
  bool wait_ready(milliseconds limit, pid_t child) const {
    const auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline) {
      pollfd wait{fd_, POLLIN, 0};
      if (::poll(&wait, 1, 50) > 0) {
        std::array<char, 1024> text{};
        if (::recv(fd_, text.data(), text.size() - 1, 0) > 0 && std::strstr(text.data(), "READY=1") != nullptr)
          return true;
      }
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child)
        return false;
    }
    return false;
  }

 private:
  int fd_ = -1;
};

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Daemon::Daemon(DaemonOptions options) : options_(std::move(options)) {
  std::string name = (fs::temp_directory_path() / "faceauth-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  dir_ = name;
  fs::permissions(dir_, fs::perms(0755));
  fs::create_directories(dir_ / "bin");
  fs::permissions(dir_ / "bin", fs::perms(0755));
  fs::create_directories(dir_ / "view");
  // faced looks for faced-vision beside itself.
  fs::copy_file(built::kFaced, dir_ / "bin/faced");
  fs::copy_file(options_.eye == EyeKind::real ? built::kEye : built::kStandInEye, dir_ / "bin/faced-vision");
  write_config(options_.extra);
  std::ostringstream passwd, group;
  passwd << "root:x:0:0::/root:/bin/sh\n";
  group << "root:x:0:\n";
  for (std::size_t i = 0; i < options_.users.size(); ++i)
    passwd << options_.users[i] << ":x:" << 20000 + i << ":" << 20000 + i << "::/nonexistent:/bin/sh\n";
  write_file(dir_ / "passwd", passwd.str());
  write_file(dir_ / "group", group.str());
}

Daemon::~Daemon() {
  if (FACEAUTH_COUNTS_LINES) stop();  // one that is killed writes no counts
  kill9();
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void Daemon::write_config(const std::string& extra) const {
  std::ostringstream toml;
  toml << "[paths]\nstore = \"" << (dir_ / "store").string() << "\"\nsocket = \"" << socket() << "\"\nmodels = \""
       << built::kModels << "\"\n[key]\nsource = \"file:" << (dir_ / "master.key").string() << "\"\n"
       << "[camera]\ndevice = \""
       << (options_.device.empty() ? "replay:" + (dir_ / "view/%03d.jpg").string() : options_.device)
       << "\"\nallow_replay = " << (options_.allow_replay ? "true" : "false")
       << "\nreplay_fps = " << options_.replay_fps << "\n"
       << options_.camera
       << (options_.infrared ? "\ninfrared = \"replay:" + (dir_ / "infrared/%03d.jpg").string() + "\"" : "")
       << "\n[match]\nlevel = \"" << options_.level << (options_.infrared ? "\"\ncameras = \"both" : "") << "\"\n"
       << options_.match << "[liveness]\nmode = \"" << options_.liveness
       << "\"\n[auth]\ntimeout_s = " << options_.timeout_s << "\n"
       << extra;
  write_file(config(), toml.str());
  fs::permissions(config(), fs::perms(0644));
}

void Daemon::reload(const std::string& extra) const {
  write_config(extra);
  signal(SIGHUP);
}

void Daemon::set_clock(std::chrono::seconds forward, std::chrono::seconds slept) const {
  write_file(dir_ / "clock.new", std::to_string(forward.count()) + " " + std::to_string(slept.count()));
  fs::rename(dir_ / "clock.new", dir_ / "clock");
}

void Daemon::let_fail(const std::string& calls) const { write_file(dir_ / "faults", calls); }

std::vector<std::string> Daemon::environment(const std::string& notify) const {
  std::string preload = FACEAUTH_SANITIZER_LIB;
  if (!options_.this_systems_users) preload += (preload.empty() ? "" : " ") + std::string(FACEAUTH_NSS_WRAPPER);
  if (!options_.fake_camera.empty()) preload += (preload.empty() ? "" : " ") + std::string(built::kFakeCamera);
  if (options_.fake_logind) preload += (preload.empty() ? "" : " ") + std::string(built::kFakeLogind);
  if (options_.fake_clock) preload += (preload.empty() ? "" : " ") + std::string(built::kFakeClock);
  if (options_.fake_faults) preload += (preload.empty() ? "" : " ") + std::string(built::kFakeFaults);
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin",
                                          "LANG=C.UTF-8",
                                          "LD_PRELOAD=" + preload,
                                          "NSS_WRAPPER_PASSWD=" + (dir_ / "passwd").string(),
                                          "NSS_WRAPPER_GROUP=" + (dir_ / "group").string(),
                                          "FAKELOGIND_ACTIVE=" + (dir_ / "active").string(),
                                          "FAKECLOCK=" + (dir_ / "clock").string(),
                                          "FAKEFAULTS=" + (dir_ / "faults").string(),
                                          "NOTIFY_SOCKET=" + notify};
  for (const std::string& setting : options_.fake_camera) environment.push_back(setting);
  // OPENBLAS_*: some machines need a kernel other than the one it picks.
  for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "OPENBLAS_CORETYPE",
                           "OPENBLAS_L2_SIZE", "CREDENTIALS_DIRECTORY"})
    if (const char* value = std::getenv(kept)) environment.push_back(std::string(kept) + "=" + value);
  return environment;
}

bool Daemon::start() { return start_without_eye() && (options_.eye == EyeKind::stand_in || eye_gets_ready()); }

bool Daemon::start_without_eye() {
  const std::string notify_path = dir_ / "notify.sock";
  const NotifySocket notify(notify_path);
  std::vector<std::string> arguments = {dir_ / "bin/faced", "--config", config()};
  std::vector<std::string> variables = environment(notify_path);
  std::vector<char*> argv = pointers(arguments), envp = pointers(variables);
  const std::string log_path = dir_ / "log";
  const auto begun = Clock::now();
  pid_ = ::fork();
  if (pid_ == 0) {
    const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDERR_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    std::_Exit(127);
  }
  const bool ready = notify.wait_ready(milliseconds(30'000), pid_);
  start_time_ = since(begun);
  return ready;
}

// READY=1 does not wait for the models, which take long under sanitizers.
bool Daemon::eye_gets_ready() const {
  for (int i = 0; i < 300 && running(); ++i) {
    if (tool(*this, {"--json", "status"}).out.find("\"ready\":true") != std::string::npos) return true;
    std::this_thread::sleep_for(milliseconds(100));
  }
  return false;
}

int Daemon::stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  const auto deadline = Clock::now() + milliseconds(10'000);
  while (Clock::now() < deadline) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  kill9();
  return -1;
}

void Daemon::kill9() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Daemon::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

bool Daemon::running() const {
  siginfo_t info{};
  return pid_ > 0 &&
         !(::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_);
}

std::string Daemon::log() const { return slurp(dir_ / "log"); }

void Daemon::show(const std::vector<std::string>& files, const std::string& where) const {
  const fs::path drafts = dir_ / (where + ".new");
  fs::remove_all(drafts);
  fs::create_directories(drafts);
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%03zu.jpg", i);
    fs::copy_file(files[i], drafts / name.data());
  }
  fs::remove_all(dir_ / where);
  fs::rename(drafts, dir_ / where);
}

void Daemon::show_text(const std::string& line, const std::string& where) const {
  show({text_image(where + ".txt", line)}, where);
}

std::string Daemon::text_image(const std::string& name, const std::string& line) const {
  write_file(dir_ / name, line + "\n");
  return dir_ / name;
}

std::string Daemon::within_reach(const std::string& program, uid_t uid) const {
  if (uid == 0) return program;
  const fs::path copy = dir_ / "bin" / fs::path(program).filename();
  if (!fs::exists(copy)) fs::copy_file(program, copy);
  return copy;
}

pid_t Daemon::eye_pid() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_) + "/children");
  pid_t child = 0;
  in >> child;
  return child;
}

std::size_t Daemon::descriptors() const {
  const fs::directory_iterator all("/proc/" + std::to_string(pid_) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

Ran run(const std::vector<std::string>& command, const std::string& input, uid_t uid) {
  std::array<int, 2> in{}, out{}, err{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2");
  std::vector<std::string> arguments = command;
  std::vector<char*> argv = pointers(arguments);
  const auto begun = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::setsid();
    if (uid != 0 && (::setgid(uid) != 0 || ::setuid(uid) != 0)) std::_Exit(126);
    ::execv(argv[0], argv.data());
    std::_Exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  if (!input.empty() && ::write(in[1], input.data(), input.size()) < 0) throw std::runtime_error("write");
  ::close(in[1]);
  Ran ran;
  const auto deadline = begun + milliseconds(60'000);
  std::array<pollfd, 2> wait{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  while ((wait[0].fd >= 0 || wait[1].fd >= 0) && Clock::now() < deadline) {
    if (::poll(wait.data(), wait.size(), 100) <= 0) continue;
    for (std::size_t i = 0; i < wait.size(); ++i) {
      if (wait[i].fd < 0 || wait[i].revents == 0) continue;
      std::array<char, 65536> chunk;
      const ssize_t size = ::read(wait[i].fd, chunk.data(), chunk.size());
      if (size > 0)
        (i == 0 ? ran.out : ran.err).append(chunk.data(), static_cast<std::size_t>(size));
      else {
        ::close(wait[i].fd);
        wait[i].fd = -1;
      }
    }
  }
  if (Clock::now() >= deadline) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  for (const pollfd& p : wait)
    if (p.fd >= 0) ::close(p.fd);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ran.elapsed = since(begun);
  return ran;
}

Ran tool(const Daemon& daemon, std::vector<std::string> arguments, const std::string& input, uid_t uid) {
  std::vector<std::string> command = {daemon.within_reach(built::kTool, uid), "--config", daemon.config()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command, input, uid);
}

namespace {

void replace_all(std::string& text, const std::string& word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
}

}  // namespace

Login login(const Daemon& daemon, const std::string& user, const LoginOptions& options) {
  std::string stack = options.stack.empty() ? "auth required @MODULE@ " + options.module_options : options.stack;
  const uid_t uid = options.uid;
  replace_all(stack, "@MODULE@", daemon.within_reach(built::kPamModule, uid) + " socket=" + daemon.socket());
  replace_all(stack, "@PROBE@", daemon.within_reach(built::kPamProbe, uid));
  std::vector<std::string> command = {daemon.within_reach(built::kPamLogin, uid), options.service, user, stack};
  if (!options.rhost.empty()) command.push_back(options.rhost);
  const Ran ran = run(command, options.password, uid);
  Login result;
  std::istringstream lines(ran.out);
  long begun = 0, us = -1;
  if (!(lines >> result.code >> begun >> us)) throw std::runtime_error("pam_login: " + ran.err);
  result.begun = Clock::time_point(std::chrono::microseconds(begun));
  result.exactly = std::chrono::microseconds(us);
  result.elapsed = std::chrono::duration_cast<milliseconds>(result.exactly);
  std::string line;
  std::getline(lines, line);
  result.user = line.substr(std::min<std::size_t>(1, line.size()));
  while (std::getline(lines, line)) result.texts += line + "\n";
  return result;
}

}  // namespace faceauth::test
