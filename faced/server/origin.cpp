#include <faced/server/asker.h>
#include <faced/server/origin.h>
#include <faced/server/process_text.h>

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace faceauth {
namespace {

std::string first_bytes(const std::string& path, std::size_t most) {
  std::ifstream in(path, std::ios::binary);
  std::string text(most, '\0');
  in.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::optional<std::string> session_of(int pid, const Logins& logins) {
  if (std::optional<std::string> session = logins.of_process(pid)) return session;
  if (const std::optional<std::uint32_t> id = audit_number_of(pid, "sessionid"))
    if (std::optional<std::string> session = logins.of_audit_session(*id)) return session;
  const std::optional<std::uint32_t> owner = logins.owner_of_service(pid);
  if (!owner) return std::nullopt;
  return logins.display_of(*owner).value_or("");  // none that there is: lingering, he has services and no session
}

std::optional<ProcessStat> stat_of(int pid) {
  constexpr std::size_t kMost = 4096;
  return process_stat_in(first_bytes(fmt::format("/proc/{}/stat", pid), kMost));
}

// By the name the kernel keeps, of 15 characters at most.
bool serves_remote_logins(std::string_view command) {
  constexpr std::string_view kServers[] = {
      "sshd",      "sshd-session", "sshd-auth",   "dropbear",     "in.telnetd",      "telnetd",         "rlogind",
      "in.rshd",   "vsftpd",       "mosh-server", "xrdp",         "xrdp-sesman",     "xrdp-sesexec",    "Xvnc",
      "Xtigervnc", "Xtightvnc",    "vncserver",   "vncsession",   "x11vnc",          "tigervncserver",  "vino-server",
      "wayvnc",    "krfb",         "krdpserver",  "nxserver.bin", "gnome-remote-de", "chrome-remote-d", "x2goagent",
      "nxagent",   "teamviewerd"};
  return std::find(std::begin(kServers), std::end(kServers), command) != std::end(kServers);
}

// True when a remote login server is among the ancestors, or when they cannot be read up to the first process.
bool descends_from_remote_login(int pid) {
  constexpr int kDepthMax = 64;
  for (int depth = 0; depth < kDepthMax; ++depth) {
    const std::optional<ProcessStat> at = stat_of(pid);
    if (!at) return true;
    if (serves_remote_logins(at->command)) return true;
    if (pid == 1 || at->parent == 0) return false;
    pid = at->parent;
  }
  return true;
}

// PAM_RHOST as local programs give it. No name, neither the machine's own nor localhost: servers fill it from the
// reverse look-up of the client's address, which whoever owns that address writes as he likes.
bool is_of_this_host(std::string_view rhost) { return rhost == "127.0.0.1" || rhost == "::1"; }

// Root's programs act for whoever's session they are in; nobody else sits where another does.
bool sits_in(const std::string& session, const Peer& peer, const Logins& logins) {
  return logins.is_at_the_machine(session) && (peer.is_root() || logins.owner_of(session) == peer.uid);
}

bool looks_remote(const Peer& peer, const Logins& logins) {
  if (peer.pid <= 0 || descends_from_remote_login(peer.pid)) return true;
  if (!logins.running()) return false;
  if (const std::optional<std::string> session = session_of(peer.pid, logins)) return !sits_in(*session, peer, logins);
  // A greeter, getty's login, su below a service: root's programs, which have told of a remote host above if there is
  // one. What a user runs outside of every session, sudo in his cron job too, is nobody's who sits here.
  return !peer.is_root() || logins.login_uid_of(peer.pid).value_or(0) != 0;
}

}  // namespace

bool is_remote(const Peer& peer, std::string_view tty, std::string_view rhost, const Logins& logins) {
  if (!rhost.empty() && !is_of_this_host(rhost)) return true;
  if (tty == "ssh" || tty == "ftp" || tty == "web") return true;
  const std::optional<Peer> behind = asker_behind(peer, logins);
  const Peer& asks = behind ? *behind : peer;
  return looks_remote(asks, logins) || !asks.still_runs() || !peer.still_runs();
}

bool is_present(const Peer& peer, const Logins& logins) {
  if (peer.pid <= 0 || !logins.running() || descends_from_remote_login(peer.pid)) return false;
  const std::optional<std::string> session = session_of(peer.pid, logins);
  return session && sits_in(*session, peer, logins) && peer.still_runs();
}

std::string command_of(const Peer& peer) {
  constexpr std::size_t kMost = 200;
  std::string command = command_in(first_bytes(fmt::format("/proc/{}/cmdline", peer.pid), kMost));
  return peer.still_runs() ? command : std::string();
}

std::chrono::milliseconds age_of(const Peer& peer) {
  const std::optional<ProcessStat> stat = stat_of(peer.pid);
  const long per_second = ::sysconf(_SC_CLK_TCK);
  timespec now{};
  if (!stat || !peer.still_runs() || per_second <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return {};
  const auto began_ms = static_cast<std::int64_t>(stat->began_at_tick * 1000 / static_cast<std::uint64_t>(per_second));
  return std::chrono::milliseconds(
      std::max<std::int64_t>(0, std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000 - began_ms));
}

}  // namespace faceauth
