#include <faced/server/charged_uid.h>

#include <fmt/format.h>

#include <fstream>

namespace faceauth {

std::uint32_t charged_uid(const Peer& peer) {
  constexpr std::uint32_t kOrdinaryMost = 65'535;  // subordinate uids lie beyond
  if (!peer.is_root() && peer.uid <= kOrdinaryMost) return peer.uid;
  std::ifstream in(fmt::format("/proc/{}/loginuid", peer.pid));
  std::uint32_t of_session = 0;
  const bool told = static_cast<bool>(in >> of_session) && of_session != ~std::uint32_t{0};
  if (!peer.still_runs()) return kUntoldUsers;
  if (!told) return peer.uid;
  return !peer.is_root() && of_session == 0 ? peer.uid : of_session;
}

}  // namespace faceauth
