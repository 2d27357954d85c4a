// `doctor`: looks at everything a face login needs and says what is wrong and which command mends it. It changes
// nothing.
#pragma once

#include <enroll-tool/commands.h>
#include <enroll-tool/pam_files.h>
#include <enroll-tool/program.h>
#include <enroll-tool/socket_path.h>

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace faceauth::enroll::doctor {

enum class State : std::uint8_t {
  well,
  note,     // worth knowing; nothing is broken
  finding,  // something is wrong
  unseen,   // could not be looked at: not root, or not there on this system
};
[[nodiscard]] const char* state_name(State state);

struct Finding {
  std::string check;
  State state = State::well;
  std::string what;
  std::string mend;  // a command; with a finding never empty
};
using Findings = std::vector<Finding>;

// The system that is looked at. Only tests say anything else than the defaults.
struct Patient {
  std::string config = kDefaultConfig;
  Settings settings;
  pam::Tree tree;  // its root is put before every path but those that the configuration names
  std::function<Result<Said>(const std::vector<std::string>&)> ask = ask_program;
  std::uint64_t now = 0;  // Unix seconds
  bool root = false;      // who looks
  bool camera = true;     // it may be switched on
};

// What the daemon says of itself; nothing when it does not answer.
struct Answers {
  std::string version, camera;
  std::vector<std::string> models;
  std::uint32_t server_pid = 0, server_uid = 0;
  bool faces_off = false;
};

[[nodiscard]] bool systemd_runs(const Patient& patient);
// How to start the daemon anew, by whatever starts it there.
[[nodiscard]] std::string restart_of(const Patient& patient);

void check_configuration(Patient& patient, Findings& out);  // reads patient.settings
void check_units(const Patient& patient, Findings& out);
std::optional<Answers> check_daemon(const Patient& patient, Findings& out);
void check_users(const Patient& patient, const Answers& answers, Findings& out);  // for whom the face is off, or waits
void check_files(const Patient& patient, std::uint32_t server_uid, Findings& out);  // store, key, disk
void check_models(const Patient& patient, Findings& out);
void check_camera(const Patient& patient, Findings& out);
void check_clock(const Patient& patient, Findings& out);
void check_logins(const Patient& patient, Findings& out);
void check_confinement(const Patient& patient, Findings& out);

// Every check in the order in which a cause comes before what follows from it.
[[nodiscard]] Findings examine(Patient& patient);

[[nodiscard]] nlohmann::ordered_json json_of(const Findings& findings);

// What a support thread would ask for, as text, without faces, keys, passwords or who people are: names of users
// (those of `names`, those that the journal has of logins, and everybody's with an ordinary uid), the host's name and
// long hexadecimal or base64 runs are replaced.
[[nodiscard]] std::string report(const Patient& patient, const Findings& findings, std::vector<std::string> names);
[[nodiscard]] std::string without_persons(const std::string& text, const std::vector<std::string>& names);

}  // namespace faceauth::enroll::doctor
