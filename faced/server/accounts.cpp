#include <faced/server/accounts.h>

#include <pwd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace faceauth {

Result<std::uint32_t> uid_of(const std::string& user) {
  constexpr std::size_t kEntryMax = 1u << 20;
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE &&
         buffer.size() < kEntryMax)
    buffer.resize(buffer.size() * 4);
  if (found != nullptr) return entry.pw_uid;
  // Some modules report a missing user by one of these instead of success (getpwnam(3)).
  if (error == 0 || error == ENOENT || error == ESRCH || error == EPERM)
    return fail(Errc::not_found, "there is no user \"" + user + "\" on this system");
  return fail(Errc::io, "looking up user \"" + user + "\": " + std::strerror(error));
}

}  // namespace faceauth
