// An application that authenticates at a terminal, in a process of its own.
// terminal_host CONFDIR TTY FLAGS HOW: PAM_TTY ("-" for that of its standard input), the flags of pam_authenticate, and
// plain, handler (of SIGINT and SIGTERM), winch (a handler of SIGWINCH), nohup, rival (rival.h), job (in a process
// group of its own, in the foreground) or background (likewise, but not). Says what the conversation was asked and how
// it ended.
#include "rival.h"

#include <libintl.h>
#include <security/pam_appl.h>
#include <sys/wait.h>
#include <termios.h>
#include <tests/support/built.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

termios before{};
volatile sig_atomic_t handled = 0, whole_in_handler = 0;

bool same_terminal() {
  termios now{};
  return ::tcgetattr(STDIN_FILENO, &now) == 0 && std::memcmp(&now, &before, sizeof now) == 0;
}

void handle(int) {
  handled = handled + 1;
  whole_in_handler = same_terminal() ? 1 : 0;
}

void install(int signal) {
  struct sigaction action {};
  action.sa_handler = handle;
  ::sigaction(signal, &action, nullptr);
}

int converse(int count, const pam_message** messages, pam_response** responses, void*) {
  *responses = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  bool asked = false;
  for (int i = 0; i < count; ++i) {
    asked = asked || messages[i]->msg_style == PAM_PROMPT_ECHO_OFF;
    std::printf("[said: %s]\n", messages[i]->msg);
  }
  if (!asked) return PAM_SUCCESS;
  std::free(*responses);
  *responses = nullptr;
  return PAM_CONV_ERR;
}

int authenticate(char** argv) {
  const std::string how = argv[4];
  if (how == "handler") install(SIGINT), install(SIGTERM);
  if (how == "winch") install(SIGWINCH);
  if (how == "nohup") ::signal(SIGHUP, SIG_IGN);
  rival_reads = how == "rival";
  const char* own = ::ttyname(STDIN_FILENO);
  const pam_conv conversation{converse, nullptr};
  pam_handle_t* pam = nullptr;
  if (pam_start_confdir("faceauth-test", "alice", &conversation, argv[1], &pam) != PAM_SUCCESS) return 3;
  const std::string tty = argv[2];
  pam_set_item(pam, PAM_TTY, tty == "-" ? (own != nullptr ? own : "") : tty.c_str());
  sigset_t mask_before{}, mask_after{};  // the kernel fills only what it has signals for
  ::sigprocmask(SIG_BLOCK, nullptr, &mask_before);
  std::printf("ready\n");
  const int code = pam_authenticate(pam, std::atoi(argv[3]));
  ::sigprocmask(SIG_BLOCK, nullptr, &mask_after);
  const bool same_mask = std::memcmp(&mask_before, &mask_after, sizeof mask_before) == 0;
  pam_end(pam, code);
  std::printf("[code %d] [terminal %s] [mask %s] [handled %d%s]\nend\n", code, same_terminal() ? "same" : "changed",
              same_mask ? "same" : "changed", static_cast<int>(handled), whole_in_handler != 0 ? ", whole" : "");
  return 0;
}

// What a shell does with a job: waits for it, takes the terminal when it stops, and lets it go on.
int run_job(char** argv, bool foreground) {
  ::signal(SIGTTOU, SIG_IGN);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setpgid(0, 0);
    while (foreground && ::tcgetpgrp(STDIN_FILENO) != ::getpgrp()) ::usleep(1000);
    ::signal(SIGTTOU, SIG_DFL);
    std::exit(authenticate(argv));
  }
  ::setpgid(child, child);
  if (foreground) ::tcsetpgrp(STDIN_FILENO, child);
  int status = 0;
  while (::waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status)) {
    ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
    std::printf("[stopped by %d] [terminal %s]\n", WSTOPSIG(status), same_terminal() ? "same" : "changed");
    ::tcsetpgrp(STDIN_FILENO, child);
    ::kill(-child, SIGCONT);
  }
  ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  std::setlocale(LC_ALL, "");
  ::bindtextdomain("faceauth", faceauth::test::built::kCatalogues);
  std::setvbuf(stdout, nullptr, _IONBF, 0);
  ::tcgetattr(STDIN_FILENO, &before);
  const std::string how = argv[4];
  return how == "job" || how == "background" ? run_job(argv, how == "job") : authenticate(argv);
}
