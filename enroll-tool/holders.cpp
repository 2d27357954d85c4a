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

std::string user_of(const fs::path& process) {
  struct stat info {};
  if (::stat(process.c_str(), &info) != 0) return "";
  const passwd* user = ::getpwuid(info.st_uid);
  return user == nullptr ? std::to_string(info.st_uid) : user->pw_name;
}

std::vector<Holder> holders(const IsWanted& is_wanted) {
  std::vector<Holder> found;
  std::error_code gone;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    Holder holder;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), holder.pid);
    if (error != std::errc{} || *end != '\0' || !has_open(entry.path(), is_wanted)) continue;
    std::ifstream command(entry.path() / "comm");
    std::getline(command, holder.command);
    holder.user = user_of(entry.path());
    if (holder.command != "faced" && holder.command != "faced-vision") found.push_back(std::move(holder));
  }
  std::sort(found.begin(), found.end(), [](const Holder& a, const Holder& b) { return a.pid < b.pid; });
  return found;
}

}  // namespace

std::vector<Holder> holders_of(const std::string& device) {
  struct stat info {};
  if (::stat(device.c_str(), &info) != 0 || !S_ISCHR(info.st_mode)) return {};
  return holders([number = info.st_rdev](dev_t open) { return open == number; });
}

std::vector<Holder> holders_of_cameras() {
  return holders([](dev_t open) { return major(open) == kVideoMajor; });
}

std::string words_for(const std::vector<Holder>& holders) {
  std::string words;
  for (const Holder& h : holders)
    words += fmt::format("{}{} (process {} of {})", words.empty() ? "" : ", ", h.command, h.pid, h.user);
  return words;
}

Error with_holders(Error error) {
  if (error.code != Errc::camera_busy) return error;
  const std::string words = words_for(holders_of_cameras());
  if (!words.empty()) error.message = "another program is using the camera: " + words;
  return error;
}

}  // namespace faceauth::enroll
