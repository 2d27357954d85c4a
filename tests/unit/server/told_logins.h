// A login manager that says what a test wants it to.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/logins.h>
#include <faced/util/pidfd.h>

#include <cstdint>
#include <optional>
#include <string>

namespace faceauth::test {

inline Peer peer_at(pid_t pid, std::uint32_t uid = 0) { return {uid, uid, pid, pidfd_of(pid)}; }

class ToldLogins final : public Logins {
 public:
  bool running() const override { return runs; }
  std::optional<std::string> of_process(int pid) const override { return pid == helper ? std::nullopt : by_pid; }
  std::optional<std::string> of_audit_session(std::uint32_t) const override { return by_audit; }
  std::optional<std::uint32_t> owner_of_service(int) const override {
    return by_service ? std::optional(1000U) : std::nullopt;
  }
  std::optional<std::string> display_of(std::uint32_t) const override {
    return by_service == "" ? std::nullopt : by_service;
  }
  std::optional<std::string> unit_of(int pid) const override {
    return pid == helper ? std::optional(unit) : std::nullopt;
  }
  std::optional<std::uint32_t> login_uid_of(int pid) const override { return pid == helper ? std::nullopt : login_uid; }
  bool is_at_the_machine(const std::string& session) const override { return session == "desk"; }
  std::optional<std::uint32_t> owner_of(const std::string&) const override { return owner; }

  bool runs = true;
  int helper = -1;  // which belongs to no session and to this unit
  std::string unit;
  std::optional<std::uint32_t> owner = 1000, login_uid;
  std::optional<std::string> by_pid, by_audit, by_service;
};

}  // namespace faceauth::test
