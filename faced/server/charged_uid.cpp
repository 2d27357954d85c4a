#include <faced/server/charged_uid.h>

#include <fmt/format.h>

#include <fstream>

namespace faceauth {

std::uint32_t charged_uid(int pid, std::uint32_t uid) {
  constexpr std::uint32_t kOrdinaryMost = 65'535;  // subordinate uids lie beyond
  if (uid != 0 && uid <= kOrdinaryMost) return uid;
  std::ifstream in(fmt::format("/proc/{}/loginuid", pid));
  std::uint32_t of_session = 0;
  if (!(in >> of_session) || of_session == ~std::uint32_t{0}) return uid;
  return uid != 0 && of_session == 0 ? uid : of_session;
}

}  // namespace faceauth
