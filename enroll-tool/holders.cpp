#include <enroll-tool/connection.h>
#include <enroll-tool/holders.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

namespace faceauth::enroll {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kVideoMajor = 81;  // Linux Documentation/admin-guide/devices.txt

using IsWanted = std::function<bool(dev_t)>;

bool has_open(const fs::path& process, const IsWanted& is_wanted) {
  std::error_code unreadable;
  for (const fs::directory_entry& fd : fs::directory_iterator(process / "fd", unreadable)) {
    struct stat info {};
    if (::stat(fd.path().c_str(), &info) == 0 && S_ISCHR(info.st_mode) && is_wanted(info.st_rdev)) return true;
  }
  return false;
}

// Whose the process is, from the kernel: /proc/PID itself is root's for everybody who makes himself undumpable. Nothing
// for one that changed who it is, as a program that root lends its rights.
std::optional<uid_t> uid_of(const fs::path& process) {
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("Uid:")) continue;
    std::istringstream words(line.substr(4));
    uid_t real = 0, effective = 0;
    return words >> real >> effective && real == effective ? std::optional(real) : std::nullopt;
  }
  return std::nullopt;
}

std::string name_of(std::optional<uid_t> uid) {
  if (!uid) return "somebody";
  const passwd* user = ::getpwuid(*uid);
  return user == nullptr ? std::to_string(*uid) : user->pw_name;
}

bool is_the_daemons(const Holder& holder, std::optional<uid_t> uid, uid_t server) {
  if (!uid || (holder.command != "faced" && holder.command != "faced-vision")) return false;
  if (*uid == 0 || *uid == server) return true;
  const passwd* keeper = ::getpwnam("faceauth");
  return keeper != nullptr && keeper->pw_uid == *uid;
}

std::vector<Holder> holders(const IsWanted& is_wanted, uid_t server) {
  std::vector<Holder> found;
  std::error_code gone;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    Holder holder;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), holder.pid);
    if (error != std::errc{} || *end != '\0' || !has_open(entry.path(), is_wanted)) continue;
    std::ifstream command(entry.path() / "comm");
    std::getline(command, holder.command);
    const std::optional<uid_t> uid = uid_of(entry.path());
    if (is_the_daemons(holder, uid, server)) continue;
    holder.user = name_of(uid);
    found.push_back(std::move(holder));
  }
  std::sort(found.begin(), found.end(), [](const Holder& a, const Holder& b) { return a.pid < b.pid; });
  return found;
}

}  // namespace

std::vector<Holder> holders_of(const std::string& device, uid_t server) {
  struct stat info {};
  if (::stat(device.c_str(), &info) != 0 || !S_ISCHR(info.st_mode)) return {};
  return holders([number = info.st_rdev](dev_t open) { return open == number; }, server);
}

std::vector<Holder> holders_of_cameras(uid_t server) {
  return holders([](dev_t open) { return major(open) == kVideoMajor; }, server);
}

std::string words_for(const std::vector<Holder>& holders) {
  std::string words;
  for (const Holder& h : holders)
    words += fmt::format("{}{} (process {} of {})", words.empty() ? "" : ", ", h.command, h.pid, h.user);
  return words;
}

Error with_holders(Error error, const std::string& socket) {
  if (error.code != Errc::camera_busy) return error;
  const Result<Connection> daemon = Connection::open(socket);
  const std::string words = words_for(holders_of_cameras(daemon ? daemon->server_uid() : 0));
  if (!words.empty()) error.message = "another program is using the camera: " + words;
  return error;
}

}  // namespace faceauth::enroll
