#include <faced/util/fd.h>
#include <faced/vision/landlock.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace faceauth::vision {
namespace {

// As linux/landlock.h of 6.12; Debian 12's header knows the first fourteen rights only, its backported kernels all.
struct RulesetAttr {
  std::uint64_t files = 0, net = 0, scoped = 0;
};
constexpr unsigned kVersionQuery = 1;
constexpr std::uint64_t kNetAll = 0b11;     // bind and connect
constexpr std::uint64_t kScopedAll = 0b11;  // abstract sockets and signals

// How many of the rights over files each version knows; a right that is not handled would stay allowed.
constexpr std::uint64_t files_all(long version) {
  const int rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (std::uint64_t{1} << rights) - 1;
}

// An older kernel refuses a structure longer than it knows.
constexpr std::size_t size_known(long version) {
  return version >= 6 ? sizeof(RulesetAttr) : version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

tl::unexpected<Error> refused(const char* what) {
  return fail(Errc::internal, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Result<bool> enter_landlock() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionQuery);
  if (version < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) return false;
  if (version < 1) return refused("asking for Landlock's version");
  const RulesetAttr everything{files_all(version), version >= 4 ? kNetAll : 0, version >= 6 ? kScopedAll : 0};
  const Fd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &everything, size_known(version), 0)));
  if (!rules.valid()) return refused("landlock_create_ruleset");
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return refused("landlock_restrict_self");
  return true;
}

}  // namespace faceauth::vision
