// What the tool's own memory comes to hold: of the encodings that it hands over, as little as can be and nothing that
// may reach a swap file; and nobody else looks into it.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tests/daemon/support/invented_face.h>
#include <tests/daemon/support/memory_scan.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

constexpr std::size_t kPiece = 4 * sizeof(float);

// Models as Howdy writes them; what they are in memory and in the file joins `secrets`, by the user's name.
void write_models(const TempDir& dir, const std::string& user, const std::vector<std::uint32_t>& seeds,
                  std::vector<Secret>& secrets) {
  nlohmann::json models = nlohmann::json::array();
  const auto add = [&](const std::string& what, std::span<const std::uint8_t> whole, std::size_t piece) {
    for (Secret& one : pieces_of(what, whole, piece, piece / 4)) {
      one.name = what;
      secrets.push_back(std::move(one));
    }
  };
  for (const std::uint32_t seed : seeds) {
    const auto encoding = invented_dlib(seed);
    const nlohmann::json row = encoding;
    models.push_back({{"time", 1'700'000'000}, {"label", "a"}, {"id", 0}, {"data", nlohmann::json::array({row})}});
    add(user, std::span(reinterpret_cast<const std::uint8_t*>(encoding.data()), sizeof encoding), kPiece);
    const std::string words = row.dump();
    add("a file", std::span(reinterpret_cast<const std::uint8_t*>(words.data()), words.size()), 60);
  }
  dir.write("models/" + user + ".dat", models.dump());
}

// Not where root may lock nothing, nor below a sanitizer, which makes mlockall do nothing.
bool memory_can_be_locked() {
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static_cast<void>(::mlock(page, 4096));
  std::ifstream status("/proc/self/status");
  bool locked = false;
  for (std::string line; std::getline(status, line);)
    locked = locked || (line.starts_with("VmLck:") && line.find_first_of("123456789") != std::string::npos);
  ::munmap(page, 4096);
  return locked;
}

TEST(ImportHowdy, EncodingsLieInLockedMemoryAndGoWithTheirFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "reading another process's memory is root's";
  const bool locks = memory_can_be_locked();
  const TempDir dir;
  std::filesystem::create_directory(dir / "models");
  std::vector<Secret> secrets;
  write_models(dir, "ann", {11, 12, 13, 14, 15}, secrets);
  write_models(dir, "bob", {21}, secrets);
  write_models(dir, "cid", {31}, secrets);
  std::size_t seen = 0;
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    peer.ack();  // from here on it waits for longer
    for (const Found& found : scan_memory(peer.pid(), secrets).found) {
      EXPECT_EQ(found.secret, str(request.body<wire::ImportTemplate>().user)) << "in " << found.where;
      EXPECT_TRUE(found.locked || !locks) << found.where;
      ++seen;
    }
    peer.done();
  });
  const Ran ran = run_tool({"import-howdy", dir / "models", "--json", "--config", keeper.config()});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(keeper.seen().size(), 7U);
  EXPECT_GT(seen, 0U) << "the scan sees what is there";
}

// The kernel gives what is in /proc of such a process to root.
TEST(OwnMemory, IsOpenToNoOtherProgramOfItsUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  uid_t owner = kNobody;
  FakeKeeper keeper([&](Peer& peer, const Request&) {
    struct stat info {};
    if (::stat(("/proc/" + std::to_string(peer.pid()) + "/mem").c_str(), &info) == 0) owner = info.st_uid;
    peer.refuse(Errc::busy);
  });
  static_cast<void>(
      run_tool({"passwd", "nobody", "--password-stdin", "--config", keeper.config()}, "old\nnew\n", kNobody));
  EXPECT_EQ(keeper.connections(), 1);
  EXPECT_EQ(owner, 0U);
}

}  // namespace
}  // namespace faceauth::test
