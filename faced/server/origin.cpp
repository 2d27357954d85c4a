#include <faced/server/origin.h>

#include <fmt/format.h>
#include <systemd/sd-login.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace faceauth {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

std::optional<std::string> session_of(int pid) {
  char* session = nullptr;
  if (::sd_pid_get_session(pid, &session) < 0) return std::nullopt;
  const std::unique_ptr<char, Free> owned(session);
  return std::string(owned.get());
}

struct Ancestor {
  std::string command;
  int parent = 0;
};

// /proc/PID/stat: "pid (comm) state ppid ..."; comm may itself hold parentheses.
std::optional<Ancestor> ancestor(int pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  const std::size_t open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open || close + 4 >= line.size())
    return std::nullopt;
  return Ancestor{line.substr(open + 1, close - open - 1),
                  static_cast<int>(std::strtol(line.c_str() + close + 4, nullptr, 10))};
}

bool serves_remote_logins(std::string_view command) {
  constexpr std::array<std::string_view, 10> kServers = {"sshd",       "sshd-session", "sshd-auth", "dropbear",
                                                         "in.telnetd", "telnetd",      "rlogind",   "in.rshd",
                                                         "vsftpd",     "mosh-server"};
  return std::find(kServers.begin(), kServers.end(), command) != kServers.end();
}

// True when a remote login server is among the ancestors, or when they cannot be read up to the first process.
bool descends_from_remote_login(int pid) {
  constexpr int kDepthMax = 64;
  for (int depth = 0; depth < kDepthMax; ++depth) {
    const std::optional<Ancestor> at = ancestor(pid);
    if (!at) return true;
    if (serves_remote_logins(at->command)) return true;
    if (pid == 1 || at->parent == 0) return false;
    pid = at->parent;
  }
  return true;
}

// An active session of this user at the machine itself.
bool has_local_session(uid_t uid) {
  char** sessions = nullptr;
  const int count = ::sd_uid_get_sessions(uid, 1, &sessions);
  bool local = false;
  for (int i = 0; i < count; ++i) {
    local = local || ::sd_session_is_remote(sessions[i]) == 0;
    std::free(sessions[i]);
  }
  std::free(sessions);
  return local;
}

}  // namespace

bool is_remote(const Peer& peer, std::string_view tty, std::string_view rhost) {
  if (!rhost.empty() && rhost != "localhost" && rhost != "127.0.0.1" && rhost != "::1") return true;
  if (tty == "ssh" || tty == "ftp" || tty == "web") return true;
  if (peer.pid <= 0) return true;
  const std::optional<std::string> session = session_of(peer.pid);
  if (session)
    if (::sd_session_is_remote(session->c_str()) != 0) return true;
  // What a user's own service manager runs has no session and no telling ancestry: it counts as local only while its
  // owner is active at the machine.
  uid_t owner = 0;
  if (::sd_pid_get_owner_uid(peer.pid, &owner) >= 0 && !has_local_session(owner)) return true;
  // A greeter, su under a service manager or a container has no session of its own: its ancestry tells.
  return descends_from_remote_login(peer.pid);
}

bool is_present(const Peer& peer) {
  if (peer.pid <= 0) return false;
  if (const std::optional<std::string> session = session_of(peer.pid))
    return ::sd_session_is_remote(session->c_str()) == 0 && ::sd_session_is_active(session->c_str()) > 0;
  // A desktop's terminal is run by its user's service manager, outside of any session.
  uid_t owner = 0;
  return ::sd_pid_get_owner_uid(peer.pid, &owner) >= 0 && owner == peer.uid && has_local_session(owner) &&
         !descends_from_remote_login(peer.pid);
}

}  // namespace faceauth
