// A private faced: its own directory, store, socket, key and users; started, watched and killed by the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace faceauth::test {

enum class EyeKind { real, stand_in };

struct DaemonOptions {
  EyeKind eye = EyeKind::stand_in;
  std::string liveness = "off";
  std::string level = "balanced";
  std::string extra;   // more TOML, after everything else
  std::string camera;  // more lines of [camera]
  std::string match;   // and of [match]
  std::string device;  // in place of a replay of the files in "view"
  bool allow_replay = true;
  std::vector<std::string> fake_camera;  // the environment of tests/support/fakev4l2.c, which is then loaded
  bool fake_logind = false;  // tests/support/fakelogind.c: all are at this machine while the file "active" exists
  bool fake_clock = false;   // tests/support/fakeclock.c: set_clock()
  bool fake_faults = false;  // tests/support/fakefaults.c: let_fail()
  bool infrared = false;     // a second camera beside the first, both asked; it shows the files in "infrared"
  int timeout_s = 5;
  int replay_fps = 60;
  bool this_systems_users = false;  // in place of:
  std::vector<std::string> users;   // known to faced's name service, uids from 20000 on; "root" always is
};

class Daemon {
 public:
  explicit Daemon(DaemonOptions options);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();  // kills, and removes the directory

  // True once READY=1 came. A second start reuses the same directory.
  bool start();
  bool start_without_eye();  // its models may still be loading
  // SIGTERM and wait; the exit status, -1 when it had to be killed after 10 s.
  int stop();
  void kill9();
  void signal(int number) const;
  [[nodiscard]] bool running() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::chrono::milliseconds start_time() const { return start_time_; }  // exec to READY

  [[nodiscard]] std::filesystem::path dir() const { return dir_; }
  [[nodiscard]] std::string socket() const { return dir_ / "faced.sock"; }
  [[nodiscard]] std::string config() const { return dir_ / "faced.toml"; }
  [[nodiscard]] std::string log() const;

  void write_config(const std::string& extra) const;
  void reload(const std::string& extra) const;  // and has faced read it
  // Unix time was set forward by `forward` (or back), and the machine slept for `slept`, since the start.
  void set_clock(std::chrono::seconds forward, std::chrono::seconds slept = {}) const;
  // The daemon's calls that fail from now on: "sync", "write", "memory"; none: all work.
  void let_fail(const std::string& calls) const;
  // From the next start on.
  void plug_fake_camera(std::vector<std::string> settings) { options_.fake_camera = std::move(settings); }
  // The camera shows these files (stand-in: texts) from the next session on.
  void show(const std::vector<std::string>& files, const std::string& where = "view") const;
  void show_text(const std::string& line, const std::string& where = "view") const;
  // `program`, or for a user other than root a copy he can reach: the build may lie in a private home.
  [[nodiscard]] std::string within_reach(const std::string& program, uid_t uid) const;
  // A file with one line, for the stand-in eye.
  [[nodiscard]] std::string text_image(const std::string& name, const std::string& line) const;
  // The process id of faced-vision, 0 when none.
  [[nodiscard]] pid_t eye_pid() const;
  // Open ones of faced.
  [[nodiscard]] std::size_t descriptors() const;

 private:
  [[nodiscard]] bool eye_gets_ready() const;
  [[nodiscard]] std::vector<std::string> environment(const std::string& notify) const;

  DaemonOptions options_;
  std::filesystem::path dir_;
  pid_t pid_ = -1;
  std::chrono::milliseconds start_time_{};
};

struct Ran {
  int code = -1;
  std::string out, err;
  std::chrono::milliseconds elapsed{};
};

// Runs a program with `input` on its stdin, for at most 60 s. `uid` other than 0: as that user.
Ran run(const std::vector<std::string>& command, const std::string& input = {}, uid_t uid = 0);
// enroll-tool --config <daemon's> ARGUMENTS...
Ran tool(const Daemon& daemon, std::vector<std::string> arguments, const std::string& input = {}, uid_t uid = 0);

// A real libpam transaction with pam_faceauth.so, in a process of its own.
struct Login {
  int code = -1;      // PAM_*
  std::string user;   // PAM_USER afterwards
  std::string texts;  // every message of the conversation, a line each
  std::chrono::milliseconds elapsed{};
  std::chrono::microseconds exactly{};  // the same
  std::chrono::steady_clock::time_point begun{};
};
struct LoginOptions {
  std::string module_options;  // besides socket=
  std::string password;        // the answer to hidden prompts
  // The service's lines: @MODULE@ is ours with its socket=, @PROBE@ is tests/pam/probe_module.c. Empty: ours alone,
  // required.
  std::string stack;
  std::string service = "faceauth-test";
  uid_t uid = 0;
  std::string rhost;
};
// "?NAME" for the user: the application knows none, and NAME is what is typed when it is asked for.
Login login(const Daemon& daemon, const std::string& user, const LoginOptions& options = {});

}  // namespace faceauth::test
