// Where a request comes from: the person in front of the machine, or somebody far away. What the peer claims only
// ever makes it remote; unknown is remote.
#pragma once

#include <faced/server/connection.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faceauth {

// What the login manager knows of processes and sessions; tests say what it says.
class Logins {
 public:
  virtual ~Logins() = default;
  [[nodiscard]] virtual bool running() const = 0;
  // The session of a process: by its control group; by the kernel's audit session; for what a user's own service
  // manager runs (user@UID.service), the session at that user's display.
  [[nodiscard]] virtual std::optional<std::string> of_process(int pid) const = 0;
  [[nodiscard]] virtual std::optional<std::string> of_audit_session(std::uint32_t id) const = 0;
  [[nodiscard]] virtual std::optional<std::string> display_of(std::uint32_t uid) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> owner_of_service(int pid) const = 0;
  // By whose login a process came to be, sudo or not, as the kernel keeps it; nothing if by none.
  [[nodiscard]] virtual std::optional<std::uint32_t> login_uid_of(int pid) const = 0;
  // Not remote, and active on a seat.
  [[nodiscard]] virtual bool is_at_the_machine(const std::string& session) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> owner_of(const std::string& session) const = 0;
};
[[nodiscard]] const Logins& system_logins();  // logind's

// `tty` and `rhost` are PAM_TTY and PAM_RHOST. Reads /proc.
[[nodiscard]] bool is_remote(const Peer& peer, std::string_view tty, std::string_view rhost,
                             const Logins& logins = system_logins());

// The peer belongs to an active session, and his own unless he is root, at this machine's own seat.
[[nodiscard]] bool is_present(const Peer& peer, const Logins& logins = system_logins());

// What a process says that it runs, in one line of at most 200 bytes that no terminal obeys; empty when it cannot be
// read. For people to read: a process can claim anything.
[[nodiscard]] std::string command_of(const Peer& peer);

// How long a process has been running, suspended machine included; 0 when it cannot be read.
[[nodiscard]] std::chrono::milliseconds age_of(const Peer& peer);

}  // namespace faceauth
