// The bundle: what a support thread would ask for, without whoever it is about.
#include <enroll-tool/doctor.h>
#include <enroll-tool/words.h>
#include <faceauth/version.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

namespace faceauth::enroll::doctor {

namespace {

constexpr std::size_t kFileMost = 64 << 10;
constexpr std::size_t kRunMost =
    31;  // shorter than 32 letters of hexadecimal, base64 or base32: no key, hash or encoding
constexpr uid_t kOrdinaryFirst = 1000, kNobody = 65534;
constexpr int kAccountsMost = 10'000;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }
bool is_run(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/'; }

void replace_word(std::string& text, const std::string& word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
    const std::size_t end = at + word.size();
    const bool whole = (at == 0 || !is_word(text[at - 1])) &&
                       (end == text.size() || !is_word(text[end]) ||
                        (text[end] == '.' && (end + 1 == text.size() || !is_word(text[end + 1]))));
    if (!whole) {
      at = end;
      continue;
    }
    text.replace(at, word.size(), by);
    at += by.size();
  }
}

std::string without_long_runs(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    bool digit = false;
    while (end < text.size() && is_run(text[end])) digit |= std::isdigit(static_cast<unsigned char>(text[end++])) != 0;
    if (end == i) {
      out += text[i++];
    } else if (end - i <= kRunMost || !digit) {
      out += text.substr(i, end - i);
      i = end;
    } else {
      out += "<removed>";
      i = std::min(text.find_first_not_of('=', end), text.size());  // base64's padding
    }
  }
  return out;
}

bool promises_a_secret(const std::string& name) {
  return name.find("pass") != std::string::npos || name.find("secret") != std::string::npos || name.ends_with("pw") ||
         name.find("token") != std::string::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Where the value that begins at `at` ends: "quoted", in [brackets] that began before the name as pam.conf(5) has them,
// or a word.
std::size_t end_of_value(const std::string& text, std::size_t at, bool bracketed) {
  const auto up_to = [&](char closing) {
    return std::min(text.find_first_of(std::string("\n") + closing, at), text.size());
  };
  if (bracketed) return up_to(']');
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
    const char quote = text[at++];
    const std::size_t end = up_to(quote);
    return end < text.size() && text[end] == quote ? end + 1 : end;
  }
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) == 0) ++at;
  return at;
}

// `name = value`, of an option whose name promises a secret: its value goes.
std::string without_secrets(const std::string& text) {
  std::string out, lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::size_t at = 0;
  for (;;) {
    const std::size_t equal = text.find('=', at);
    if (equal == std::string::npos) break;
    std::size_t end = equal;
    while (end > at && is_blank(text[end - 1])) --end;
    std::size_t begin = end;
    while (begin > at && is_word(text[begin - 1])) --begin;
    std::size_t value = equal + 1;
    while (value < text.size() && is_blank(text[value])) ++value;
    out += text.substr(at, value - at);
    at = value;
    if (!promises_a_secret(lower.substr(begin, end - begin))) continue;
    at = end_of_value(text, value, begin > 0 && text[begin - 1] == '[');
    out += "<removed>";
  }
  return out + text.substr(at);
}

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
    if (name != "root" && std::all_of(name.begin(), name.end(), is_word)) names.push_back(name);
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
  std::string out = without_long_runs(without_secrets(text));
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].empty()) replace_word(out, all[i], fmt::format("<user {}>", i + 1));
  utsname host{};
  if (::uname(&host) == 0 && host.nodename[0] != '\0') replace_word(out, host.nodename, "<host>");
  return out;
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
