#include <faced/server/accounts.h>

#include <pwd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace faceauth {

namespace {

Result<std::uint32_t> look_up(const std::string& user, bool certain) {
  constexpr std::size_t kEntryMax = 1u << 20;
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE &&
         buffer.size() < kEntryMax)
    buffer.resize(buffer.size() * 4);
  if (found != nullptr) return entry.pw_uid;
  if (absence(error, certain) == Errc::not_found)
    return fail(Errc::not_found, "there is no user \"" + user + "\" on this system");
  return fail(Errc::io, "looking up user \"" + user + "\": " + std::strerror(error));
}

}  // namespace

Errc absence(int error, bool certain) {
  if (error == 0) return Errc::not_found;
  return !certain && (error == ENOENT || error == ESRCH || error == EPERM) ? Errc::not_found : Errc::io;
}

Result<std::uint32_t> uid_of(const std::string& user) { return look_up(user, false); }

Result<std::uint32_t> uid_of_if_certain(const std::string& user) { return look_up(user, true); }

}  // namespace faceauth
