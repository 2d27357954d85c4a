#include <faced/server/logins.h>

#include <fmt/format.h>
#include <sys/types.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-login.h>

#include <cstdlib>
#include <fstream>
#include <memory>

namespace faceauth {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

std::string owned_text(char* text) {
  const std::unique_ptr<char, Free> owned(text);
  return owned.get();
}

class Logind final : public Logins {
 public:
  bool running() const override { return ::sd_booted() > 0; }

  std::optional<std::string> of_process(int pid) const override {
    char* session = nullptr;
    if (::sd_pid_get_session(pid, &session) < 0) return std::nullopt;
    return owned_text(session);
  }

  // logind names a session after its audit session, where there is one.
  std::optional<std::string> of_audit_session(std::uint32_t id) const override {
    std::string session = std::to_string(id);
    if (::sd_session_is_remote(session.c_str()) < 0) return std::nullopt;
    // Since version 256 a user's service manager has a session of its own, without a seat: what it runs belongs to his
    // display.
    char* kind = nullptr;
    const bool of_a_manager =
        ::sd_session_get_class(session.c_str(), &kind) >= 0 && owned_text(kind).starts_with("manager");
    return of_a_manager ? std::nullopt : std::optional(session);
  }

  std::optional<std::string> display_of(std::uint32_t uid) const override {
    char* session = nullptr;
    if (::sd_uid_get_display(uid, &session) < 0) return std::nullopt;
    return owned_text(session);
  }

  std::optional<std::uint32_t> owner_of_service(int pid) const override {
    char* unit = nullptr;
    if (::sd_pid_get_user_unit(pid, &unit) < 0) return std::nullopt;
    std::free(unit);
    uid_t owner = ~uid_t{0};
    (void)::sd_pid_get_owner_uid(pid, &owner);
    return owner;
  }

  std::optional<std::string> unit_of(int pid) const override {
    char* unit = nullptr;
    if (::sd_pid_get_unit(pid, &unit) < 0) return std::nullopt;
    return owned_text(unit);
  }

  std::optional<std::uint32_t> login_uid_of(int pid) const override { return audit_number_of(pid, "loginuid"); }

  bool is_at_the_machine(const std::string& session) const override {
    char* seat = nullptr;
    if (::sd_session_get_seat(session.c_str(), &seat) < 0) return false;
    std::free(seat);
    return ::sd_session_is_remote(session.c_str()) == 0 && ::sd_session_is_active(session.c_str()) > 0;
  }

  std::optional<std::uint32_t> owner_of(const std::string& session) const override {
    uid_t owner = 0;
    if (::sd_session_get_uid(session.c_str(), &owner) < 0) return std::nullopt;
    return owner;
  }
};

}  // namespace

std::optional<std::uint32_t> audit_number_of(int pid, const char* which) {
  std::ifstream in(fmt::format("/proc/{}/{}", pid, which));
  std::uint32_t id = 0;
  if (!(in >> id) || id == ~std::uint32_t{0}) return std::nullopt;
  return id;
}

const Logins& system_logins() {
  static const Logind logind;
  return logind;
}

}  // namespace faceauth
