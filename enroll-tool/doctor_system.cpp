// AppArmor and SELinux: whether they confine faced, and what they refused it.
#include <enroll-tool/doctor.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace faceauth::enroll::doctor {

namespace {

constexpr const char* kProfile = "/etc/apparmor.d/usr.libexec.faceauth.faced";

void add(Findings& out, State state, std::string what, std::string mend = "") {
  out.push_back({"confined", state, std::move(what), std::move(mend)});
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

void check_apparmor(const Patient& patient, Findings& out) {
  const std::string& root = patient.tree.root;
  if (!text_of(root + "/sys/module/apparmor/parameters/enabled").starts_with('Y')) return;
  if (!exists(root + kProfile))
    return add(out, State::note, "AppArmor is on, and faced's profile is not installed",
               "apt install --reinstall faceauth");
  const std::string loaded = text_of(root + "/sys/kernel/security/apparmor/profiles");
  if (loaded.empty()) return add(out, State::unseen, "AppArmor: only root can see which profiles are loaded");
  std::istringstream lines(loaded);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("faced (")) continue;
    if (line.find("(enforce)") != std::string::npos) return add(out, State::well, "AppArmor confines faced");
    return add(out, State::note, "AppArmor only watches faced: " + line, fmt::format("aa-enforce {}", kProfile));
  }
  add(out, State::note, "AppArmor is on, and faced's profile is not loaded",
      fmt::format("apparmor_parser -r {}, then {}", kProfile, restart_of(patient)));
}

bool names_us(const std::string& line) {
  const bool apparmor =
      line.find("apparmor=\"DENIED\"") != std::string::npos &&
      (line.find("profile=\"faced\"") != std::string::npos || line.find("comm=\"faced") != std::string::npos);
  const bool selinux = line.find("avc:") != std::string::npos && line.find("denied") != std::string::npos &&
                       (line.find("comm=\"faced") != std::string::npos || line.find("faceauth") != std::string::npos);
  return apparmor || selinux;
}

void check_denials(const Patient& patient, Findings& out) {
  if (!patient.root) return add(out, State::unseen, "only root can read what the kernel refused faced");
  const Result<Said> said = patient.ask({"/usr/bin/journalctl", "--quiet", "--no-pager", "--output=cat",
                                         "--since=-1day", "_TRANSPORT=kernel", "+", "_TRANSPORT=audit"});
  if (!said || said->exit != 0 || said->text.empty())
    return add(out, State::unseen, "there is no journal of what the kernel refused faced");
  std::istringstream lines(said->text);
  std::string line, last;
  std::size_t count = 0;
  while (std::getline(lines, line))
    if (names_us(line)) {
      ++count;
      last = line;
    }
  if (count == 0) return add(out, State::well, "nothing was refused to faced in the last day");
  const bool selinux = last.find("avc:") != std::string::npos;
  add(out, State::finding, fmt::format("{} time{} in the last day, the last: {}", count, count == 1 ? "" : "s", last),
      selinux ? "ausearch -m avc -ts today | audit2why"
              : fmt::format("apparmor_parser -r {}; then look again", kProfile));
}

}  // namespace

void check_confinement(const Patient& patient, Findings& out) {
  check_apparmor(patient, out);
  if (text_of(patient.tree.root + "/sys/fs/selinux/enforce").starts_with('1'))
    add(out, State::well, "SELinux is enforcing");
  check_denials(patient, out);
}

}  // namespace faceauth::enroll::doctor
