#include <faced/server/charged_uid.h>

#include <fmt/format.h>

#include <fstream>

namespace faceauth {

std::uint32_t charged_uid(int pid, std::uint32_t uid) {
  std::ifstream in(fmt::format("/proc/{}/loginuid", pid));
  std::uint32_t of_session = 0;
  return in >> of_session && of_session != ~std::uint32_t{0} ? of_session : uid;
}

}  // namespace faceauth
