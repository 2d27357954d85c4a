// The bundle: what a support thread would ask for, without whoever it is about.
#include <enroll-tool/doctor.h>
#include <enroll-tool/redaction.h>
#include <enroll-tool/words.h>
#include <faceauth/version.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace faceauth::enroll::doctor {

namespace {

constexpr std::size_t kFileMost = 64 << 10;
constexpr uid_t kOrdinaryFirst = 1000, kNobody = 65534;
constexpr int kAccountsMost = 10'000;

std::vector<std::string> ordinary_accounts() {
  std::vector<std::string> names;
  ::setpwent();
  for (int i = 0; i < kAccountsMost; ++i) {
    const passwd* entry = ::getpwent();
    if (entry == nullptr) break;
    if (entry->pw_uid >= kOrdinaryFirst && entry->pw_uid != kNobody) names.emplace_back(entry->pw_name);
  }
  ::endpwent();
  return names;
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  if (!in) return "(cannot be read)\n";
  std::string text(kFileMost, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string printable_lines(const std::string& text) {
  std::string out, line;
  for (const char c : text + (text.ends_with('\n') ? "" : "\n")) {
    if (c != '\n') {
      line += c == '\t' ? ' ' : c;
      continue;
    }
    out += printable(line) + "\n";
    line.clear();
  }
  return out;
}

void section(std::string& out, const std::string& title, const std::string& text) {
  out += fmt::format("\n== {}\n{}", title, printable_lines(text));
}

std::string said_by(const Patient& patient, const std::vector<std::string>& argv) {
  const Result<Said> said = patient.ask(argv);
  return said ? said->text : said.error().message;
}

std::string findings_text(const Findings& findings) {
  std::string out;
  for (const Finding& f : findings)
    out += fmt::format("{:<8} {:<10} {}{}{}\n", state_name(f.state), f.check, f.what, f.mend.empty() ? "" : "  -> ",
                       f.mend);
  return out;
}

// Who is in the journal without being anywhere else: removed users, and names that nobody has.
std::vector<std::string> names_in_journal(const Patient& patient) {
  std::vector<std::string> names;
  const Result<Said> said = patient.ask({"/usr/bin/journalctl", "--quiet", "--no-pager", "--field=FACEAUTH_USER"});
  if (!said || said->exit != 0) return names;
  std::istringstream lines(said->text);
  for (std::string name; std::getline(lines, name);)
    if (name != "root" && is_one_word(name)) names.push_back(name);
  return names;
}

void add_missing(std::vector<std::string>& names, std::vector<std::string> more) {
  for (std::string& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

std::string without_persons(const std::string& text, const std::vector<std::string>& names) {
  std::vector<std::string> all = names;
  add_missing(all, ordinary_accounts());
  utsname host{};
  return redacted(text, all, ::uname(&host) == 0 ? host.nodename : "");
}

std::string report(const Patient& patient, const Findings& findings, std::vector<std::string> names) {
  add_missing(names, names_in_journal(patient));
  std::string out =
      fmt::format("faceauth {}, enroll-tool doctor --bundle, {}\n", kVersionText, iso_time(patient.now).value_or("-"));
  utsname host{};
  if (::uname(&host) == 0) section(out, "kernel", fmt::format("{} {}", host.release, host.machine));
  section(out, "system", file_text(patient.tree.root + "/etc/os-release"));
  section(out, "findings", findings_text(findings));
  section(out, patient.config, file_text(patient.config));
  const pam::Reader read = pam::reader_of(patient.tree);
  for (const char* part : {"common-auth", "common-password", "sudo", "gdm-password", "sddm", "lightdm", "login"})
    if (const Result<std::string> text = read(part)) section(out, std::string("/etc/pam.d/") + part, *text);
  section(out, "packages",
          said_by(patient, {"/usr/bin/dpkg-query", "--show", "faceauth", "faceauth-models", "libpam-faceauth"}));
  section(out, "cameras", said_by(patient, {"/bin/ls", "-l", "/dev/v4l/by-id", "/dev/v4l/by-path"}));
  section(out, "journal",
          said_by(patient, {"/usr/bin/journalctl", "--quiet", "--no-pager", "--output=short-iso", "--no-hostname",
                            "--lines=200", "--unit=faced.service", "--unit=faced.socket"}));
  return without_persons(out, names);
}

}  // namespace faceauth::enroll::doctor
