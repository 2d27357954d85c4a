// The module as a guest in somebody's root process: what it exports, what it needs, what it leaves behind.
#include "elf_file.h"

#include <pam/pam_session.h>
#include <pam/scripted_daemon.h>
#include <tests/support/built.h>

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace faceauth::test {
namespace {

const bool kInstrumented = FACEAUTH_INSTRUMENTED != 0;

TEST(PamModuleAbi, exports_what_libpam_calls_and_nothing_else) {
  EXPECT_EQ(read_elf(built::kPamModule).exported,
            (std::set<std::string>{"pam_sm_authenticate", "pam_sm_setcred", "pam_sm_chauthtok"}));
}

TEST(PamModuleAbi, needs_libpam_and_libc_alone) {
  for (const std::string& name : read_elf(built::kPamModule).needed) {
    const bool sanitizer = kInstrumented && (name.find("san.so") != std::string::npos || name.starts_with("libgcc_s"));
    EXPECT_TRUE(name == "libpam.so.0" || name == "libc.so.6" || name.starts_with("ld-linux") || sanitizer) << name;
  }
}

// In somebody's root process: no file is opened (so none at a path of the user's choice; libc's catalogues lie where
// root puts them), no program started, no thread begun or cancelled, no signal's handler, locale or environment
// changed.
TEST(PamModuleAbi, calls_the_little_it_needs_and_nothing_else) {
  if (kInstrumented) GTEST_SKIP() << "instrumentation calls functions of its own";
  const std::set<std::string> needed = {
      "clock_gettime", "close",       "connect",      "fcntl",          "free",
      "geteuid",       "getpwnam_r",  "getrandom",    "getsockopt",     "poll",
      "recv",          "send",        "socket",       "explicit_bzero", "memchr",
      "memcmp",        "memcpy",      "memset",       "strcmp",         "strlen",
      "strncmp",       "snprintf",    "pam_get_data", "pam_get_item",   "pam_get_user",
      "pam_prompt",    "pam_syslog",  "pam_set_data", "pam_set_item",   "tcgetattr",
      "tcsetattr",     "tcflush",     "tcgetpgrp",    "getpgrp",        "ttyname_r",
      "read",          "write",       "getenv",       "signalfd",       "pthread_sigmask",
      "sigaction",     "sigemptyset", "sigaddset",    "sigismember",    "kill",
      "dgettext"};
  for (std::string name : read_elf(built::kPamModule).imported) {
    // What the tool chain adds: start and end, errno, checked variants of the above.
    if (name.starts_with("_ITM_") || name == "__cxa_finalize" || name == "__gmon_start__" ||
        name == "__errno_location" || name == "__stack_chk_fail")
      continue;
    if (name.starts_with("__") && name.ends_with("_chk")) name = name.substr(2, name.size() - 6);
    EXPECT_TRUE(needed.contains(name)) << name;
  }
}

TEST(PamModuleAbi, has_no_static_constructors_and_can_be_unloaded) {
  if (kInstrumented) GTEST_SKIP() << "instrumentation adds constructors of its own";
  const ElfFile elf = read_elf(built::kPamModule);
  EXPECT_LE(elf.init_array_bytes, sizeof(void*));  // the tool chain's frame_dummy
  EXPECT_EQ(elf.flags_1 & DF_1_NODELETE, 0u);
  EXPECT_FALSE(elf.thread_local_storage);
}

TEST(PamModuleAbi, is_hardened) {
  const ElfFile elf = read_elf(built::kPamModule);
  EXPECT_TRUE(elf.bind_now);
  EXPECT_TRUE(elf.relro);
  EXPECT_FALSE(elf.executable_stack);
}

TEST(PamModuleAbi, stays_small_enough_to_be_read) {
  const auto lines_in = [](const std::string& folder) {
    std::size_t lines = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "CMakeLists.txt") continue;
      std::ifstream in(entry.path());
      lines += static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
    }
    return lines;
  };
  const std::size_t talk = lines_in(built::source("pam_module")), person = lines_in(built::source("pam_module/person"));
  EXPECT_GT(talk, 100u);
  EXPECT_LE(talk, 650u);
  EXPECT_GT(person, 100u);
  EXPECT_LE(person, 325u) << "the terminal and the words, which grant nothing";
}

std::vector<std::string> entries(const std::string& dir) {
  std::vector<std::string> out;
  for (const auto& e : std::filesystem::directory_iterator(dir)) out.push_back(e.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

// Addresses of what is mapped from files; anonymous memory belongs to malloc, which may keep it.
std::vector<std::string> mapped_files() {
  std::vector<std::string> out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find('/') != std::string::npos) out.push_back(line);
  return out;
}

struct Footprint {
  std::vector<std::string> fds = entries("/proc/self/fd"), threads = entries("/proc/self/task"), files = mapped_files();
  std::string locale = std::setlocale(LC_ALL, nullptr);
  struct sigaction pipe = action(SIGPIPE), alarm = action(SIGALRM);

  static struct sigaction action(int signal) {
    struct sigaction out {};
    ::sigaction(signal, nullptr, &out);
    return out;
  }
};

TEST(PamModuleAbi, a_hundred_loads_and_failing_logins_leave_nothing_behind) {
  // Whatever the process loads once for its own sake (syslog's socket, name services) is there before we compare.
  ::syslog(LOG_AUTHPRIV | LOG_DEBUG, "warming up");
  const std::string socket = "/nonexistent/faced.sock";
  PamSession host("auth required pam_deny.so\n", "alice");
  const std::string option = "socket=" + socket;
  const char* argv[] = {option.c_str(), "timeout=1"};

  const auto load_and_fail = [&] {
    void* module = ::dlopen(built::kPamModule, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(module, nullptr) << ::dlerror();
    using Entry = int (*)(pam_handle_t*, int, int, const char**);
    const auto authenticate = reinterpret_cast<Entry>(::dlsym(module, "pam_sm_authenticate"));
    ASSERT_NE(authenticate, nullptr);
    EXPECT_EQ(authenticate(host.handle(), 0, 2, argv), PAM_AUTHINFO_UNAVAIL);
    EXPECT_EQ(::dlclose(module), 0);
  };
  load_and_fail();
  const Footprint before;
  for (int i = 0; i < 100; ++i) load_and_fail();
  const Footprint after;
  EXPECT_EQ(before.fds, after.fds);
  EXPECT_EQ(before.threads, after.threads);
  EXPECT_EQ(before.files, after.files);
  for (const std::string& line : after.files) EXPECT_EQ(line.find("pam_faceauth"), std::string::npos) << line;
  EXPECT_EQ(before.locale, after.locale);
  EXPECT_EQ(before.pipe.sa_handler, after.pipe.sa_handler);
  EXPECT_EQ(before.alarm.sa_handler, after.alarm.sa_handler);
}

TEST(PamModuleAbi, whole_logins_of_every_ending_leave_no_descriptor) {
  int turn = 0;
  ScriptedDaemon daemon([&](Client& c) {
    if (!c.receive() || !c.ack()) return;
    switch (turn++ % 3) {
      case 0:
        c.verdict(Verdict::match, "alice", true);
        break;
      case 1:
        c.verdict(Verdict::no_match, "alice", true);
        break;
      default:
        c.send_bytes({1, 2, 3});
    }
  });
  const auto login = [&] {
    PamSession pam(PamSession::line("auth", daemon.socket(), "quiet"), "alice");
    return pam.authenticate();
  };
  EXPECT_EQ(login(), PAM_SUCCESS);
  EXPECT_EQ(login(), PAM_AUTH_ERR);
  EXPECT_EQ(login(), PAM_AUTHINFO_UNAVAIL);
  const auto before = entries("/proc/self/fd").size();
  for (int i = 0; i < 30; ++i) login();
  // The daemon of this process may still hold the one connection it is about to close.
  EXPECT_LE(entries("/proc/self/fd").size(), before + 1);
}

TEST(PamModuleAbi, a_host_that_closed_its_output_does_not_prompt_into_the_connection) {
  // The connection must not become the descriptor that was closed.
  ScriptedDaemon daemon([](Client& c) {
    if (c.receive() && c.ack() && c.send(wire::Type::ask, wire::Ask{wire::Asks::password}) && c.receive())
      c.verdict(Verdict::match, "alice", true);
  });
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  pam.types = [](const Message&) {
    // What a text conversation does: it writes to wherever descriptor 1 leads.
    return ::write(STDOUT_FILENO, "Password: ", 10) == 10 ? std::nullopt : std::optional<std::string>("pw");
  };
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDOUT_FILENO);
    ::_exit(pam.authenticate());
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), PAM_SUCCESS);
}

}  // namespace
}  // namespace faceauth::test
