// Which login a process belongs to, as the login manager, the kernel and process 1 tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
  // The unit of the system that a process belongs to.
  [[nodiscard]] virtual std::optional<std::string> unit_of(int pid) const = 0;
  // By whose login a process came to be, sudo or not, as the kernel keeps it; nothing if by none.
  [[nodiscard]] virtual std::optional<std::uint32_t> login_uid_of(int pid) const = 0;
  // Not remote, and active on a seat.
  [[nodiscard]] virtual bool is_at_the_machine(const std::string& session) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> owner_of(const std::string& session) const = 0;
};
[[nodiscard]] const Logins& system_logins();  // logind's

// "sessionid" or "loginuid". Nothing where the kernel keeps none, or the process was started by no login.
[[nodiscard]] std::optional<std::uint32_t> audit_number_of(int pid, const char* which);

}  // namespace faceauth
