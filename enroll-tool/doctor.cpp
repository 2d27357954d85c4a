#include <enroll-tool/connection.h>
#include <enroll-tool/doctor.h>
#include <enroll-tool/file.h>
#include <enroll-tool/person.h>
#include <enroll-tool/words.h>
#include <faceauth/version.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace doctor {

const char* state_name(State state) {
  constexpr const char* kNames[] = {"well", "note", "finding", "unseen"};
  return kNames[static_cast<std::size_t>(state)];
}

Findings examine(Patient& patient) {
  Findings out;
  check_configuration(patient, out);
  check_units(patient, out);
  const std::optional<Answers> answers = check_daemon(patient, out);
  check_files(patient, answers ? answers->server_uid : ~std::uint32_t{0}, out);
  check_models(patient, out);
  if (answers) check_camera(patient, out);
  if (answers) check_clock(patient, out);
  if (answers) check_users(patient, *answers, out);
  check_logins(patient, out);
  check_confinement(patient, out);
  return out;
}

nlohmann::ordered_json json_of(const Findings& findings) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  std::size_t wrong = 0;
  for (const Finding& f : findings) {
    wrong += f.state == State::finding;
    checks.push_back({{"check", f.check}, {"state", state_name(f.state)}, {"what", f.what}, {"mend", f.mend}});
    if (f.mend.empty()) checks.back()["mend"] = nullptr;
  }
  return {{"findings", wrong}, {"checks", checks}};
}

}  // namespace doctor

namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::State;

std::size_t count_of(const Findings& findings, State state) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.state == state; }));
}

Piece mark_of(State state) {
  switch (state) {
    case State::well:
      return {Tone::good, "  ok    "};
    case State::note:
      return {Tone::warning, "  note  "};
    case State::finding:
      return {Tone::bad, "  WRONG "};
    case State::unseen:
      return {Tone::faint, "  -     "};
  }
  return {};
}

std::string counted(std::size_t n, const char* one, const char* many) {
  return n == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", n, many);
}

constexpr std::size_t kIndent = 19;

void show_one(const Output& out, const Finding& f) {
  out.show_wrapped({mark_of(f.state), {Tone::strong, fmt::format("{:<10} ", f.check)}}, kIndent, f.what);
  // Not wrapped: it is there to be copied.
  if (!f.mend.empty()) out.show({{Tone::faint, std::string(kIndent, ' ') + "mend: "}, {Tone::strong, f.mend}});
}

void show(const Output& out, const Findings& findings) {
  out.show({{Tone::strong, fmt::format("faceauth {}: what a face login needs here", kVersionText)}});
  for (const Finding& f : findings) {
    if (f.state == State::well && out.quiet) continue;
    show_one(out, f);
  }
  const std::size_t wrong = count_of(findings, State::finding), notes = count_of(findings, State::note);
  const std::string rest = notes == 0 ? "" : ", " + counted(notes, "note", "notes");
  if (wrong == 0)
    out.show({{Tone::good, "Nothing is wrong" + rest + "."}});
  else
    out.show({{Tone::bad, counted(wrong, "thing is", "things are") + " wrong" + rest + "."}});
  if (!is_root()) out.show("Much of this only root can see: sudo enroll-tool doctor");
}

std::vector<std::string> registered_names(const std::string& socket) {
  std::vector<std::string> names;
  Result<Connection> connection = Connection::open(socket);
  if (!connection || !connection->begin(wire::Type::list, wire::ListBegin{})) return names;
  for (;;) {
    const Result<Answer> answer = connection->next(kRecordsWithin);
    if (!answer || answer->type == wire::Type::done) return names;
    if (answer->type != wire::Type::list_user) continue;
    if (const auto user = Connection::decoded<wire::ListUser>(*answer, wire::Type::list_user))
      names.push_back(string_of(user->user));
  }
}

// Never over something that is there, and readable to nobody else until its owner has read it himself.
Result<void> write_new(const std::string& file, const std::string& text) {
  const auto failed = [&] {
    return fail(errno == EEXIST || errno == ENOENT || errno == EACCES ? Errc::invalid_argument : Errc::io,
                fmt::format("{}: {}", file, reason()));
  };
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return failed();
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return failed();
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return {};
}

}  // namespace

Exit run_doctor(const Output& out, const DoctorOptions& options) {
  doctor::Patient patient;
  patient.config = options.config;
  patient.root = is_root();
  patient.camera = !options.no_camera;
  patient.now = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
  const Findings findings = doctor::examine(patient);
  nlohmann::ordered_json value = doctor::json_of(findings);
  if (!options.bundle.empty()) {
    const std::vector<std::string> names =
        is_root() ? registered_names(patient.settings.socket) : std::vector<std::string>{};
    if (auto put = write_new(options.bundle, doctor::report(patient, findings, names)); !put)
      return out.failed(put.error());
    value["bundle"] = options.bundle;
  }
  out.object(value);
  if (!out.json) show(out, findings);
  if (!options.bundle.empty())
    out.say(
        fmt::format("{} holds this and what else a support thread would ask, without names, faces, keys or "
                    "passwords; read it before you give it away",
                    options.bundle));
  return count_of(findings, State::finding) == 0 ? Exit::ok : Exit::negative;
}

}  // namespace faceauth::enroll
