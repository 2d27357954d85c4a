// After a login no secret lies in the keeper's memory outside what libsodium guards: not the master key, not the typed
// password, not the template it was compared with. Found by reading /proc/PID/mem, as root may.
#include "support/daemon.h"
#include "support/invented_face.h"
#include "support/memory_scan.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>
#include <random>
#include <thread>

namespace faceauth::test {
namespace {

constexpr std::size_t kKeyPiece = 16, kPasswordPiece = 12, kFloats = 4;
const std::string kPassword = "Zu9!correct-horse-battery-staple", kWrongPassword = "Qx7?wrong-mule-charger-rivet";

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

template <std::size_t n>
std::vector<std::uint8_t> bytes_of(const std::array<float, n>& encoding) {
  std::vector<std::uint8_t> bytes(sizeof encoding);
  std::memcpy(bytes.data(), encoding.data(), sizeof encoding);
  return bytes;
}

void add(std::vector<Secret>& all, std::vector<Secret> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

std::vector<Secret> template_of(const std::string& name, std::uint32_t seed) {
  std::vector<Secret> all;
  add(all, pieces_of(name + "'s dlib encoding", bytes_of(invented_dlib(seed)), kFloats * sizeof(float), sizeof(float)));
  add(all, pieces_of(name + "'s feature encoding", bytes_of(invented_feature(seed)), kFloats * sizeof(float),
                     sizeof(float)));
  return all;
}

std::string listed(const Scan& scan) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(scan.found.size(), 20); ++i)
    text += scan.found[i].secret + " in " + scan.found[i].where + "\n";
  return text + std::to_string(scan.found.size()) + " in all\n";
}

class MemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "reading another process's memory is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11"), "--password-stdin"},
                   kPassword + "\n")
                  .code,
              0)
        << daemon.log();
    // What was read to start and to register must be gone after a restart; this run only logs in.
    ASSERT_EQ(daemon.stop(), 0);
    ASSERT_TRUE(daemon.start()) << daemon.log();
    std::ifstream key(daemon.dir() / "master.key", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(key), {}};
    ASSERT_EQ(bytes.size(), 32U);
    add(secrets, pieces_of("the master key", bytes_of(bytes), kKeyPiece, 1));
    add(secrets, pieces_of("the password", bytes_of(kPassword), kPasswordPiece, 1));
    add(secrets, pieces_of("the wrong password", bytes_of(kWrongPassword), kPasswordPiece, 1));
    add(secrets, template_of("ann", 11));
  }
  void expect_clean() {
    const Scan scan = scan_memory(daemon.pid(), secrets);
    EXPECT_TRUE(scan.found.empty()) << listed(scan);
    EXPECT_GT(scan.bytes, std::size_t{1} << 20) << "the scan looked at something";
    EXPECT_GT(scan.guarded_areas, 0U);
    expect_in_locked_memory("the master key");
  }
  // Within a login's time.
  bool comes_into_memory(const std::string& name) {
    for (int i = 0; i < 60; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(50)))
      for (const Found& found : scan_memory(daemon.pid(), secrets, true).found)
        if (found.secret.starts_with(name)) return true;
    return false;
  }
  // It is there, where it belongs: the scan would have seen it elsewhere. No swap file comes to hold it.
  void expect_in_locked_memory(const std::string& name) {
    const Scan everything = scan_memory(daemon.pid(), secrets, true);
    std::size_t pieces = 0;
    for (const Found& found : everything.found) {
      if (found.secret.starts_with(name)) ++pieces;
      EXPECT_TRUE(found.locked) << found.secret << " in " << found.where;
    }
    EXPECT_GT(pieces, 0U) << name;
  }

  Daemon daemon{{.timeout_s = 5, .users = {"ann"}}};
  std::vector<Secret> secrets;
  const LoginOptions right{.module_options = "factors=face+password", .password = kPassword};
  const LoginOptions wrong{.module_options = "factors=face+password", .password = kWrongPassword};
};

TEST_F(MemoryTest, NothingIsLeftOfAGrantedLogin) {
  daemon.show_text("face 11");
  ASSERT_EQ(login(daemon, "ann", right).code, PAM_SUCCESS) << daemon.log();
  expect_clean();
}

TEST_F(MemoryTest, NothingIsLeftOfARefusedLogin) {
  daemon.show_text("face 99");
  add(secrets, template_of("the stranger", 99));
  ASSERT_EQ(login(daemon, "ann", right).code, PAM_AUTH_ERR) << "a stranger's face with the right password";
  daemon.show_text("face 11");
  ASSERT_EQ(login(daemon, "ann", wrong).code, PAM_AUTH_ERR) << "the right face with a wrong password";
  expect_clean();
}

// While somebody is looked at, the templates he is compared with are in memory: guarded and locked.
TEST_F(MemoryTest, ATemplateInUseLiesInLockedMemoryAndNowhereElse) {
  daemon.show_text("empty");
  auto pending =
      std::async(std::launch::async, [&] { return login(daemon, "ann", {.module_options = "factors=face"}); });
  ASSERT_TRUE(comes_into_memory("ann's dlib encoding")) << daemon.log();
  const Scan scan = scan_memory(daemon.pid(), secrets);
  EXPECT_TRUE(scan.found.empty()) << listed(scan);
  expect_in_locked_memory("ann's dlib encoding");
  EXPECT_EQ(pending.get().code, PAM_AUTHINFO_UNAVAIL) << "nobody was there";
  expect_clean();
}

TEST_F(MemoryTest, NothingIsLeftOfARegistration) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("again", "face 11")}).code, 0) << daemon.log();
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, kPassword + "\n").code, 0) << daemon.log();
  expect_clean();
}

// Holds a secret in ordinary memory and one in memory as sodium_malloc makes it, until it is killed.
[[noreturn]] void hold(const std::vector<std::uint8_t>& plain, const std::vector<std::uint8_t>& kept, int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);
  static std::array<std::uint8_t, 64> ordinary;
  std::transform(plain.begin(), plain.end(), ordinary.begin(),
                 [](std::uint8_t b) { return static_cast<std::uint8_t>(~b); });
  void* guarded = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ::madvise(guarded, 4096, MADV_DONTDUMP);
  std::transform(kept.begin(), kept.end(), static_cast<std::uint8_t*>(guarded),
                 [](std::uint8_t b) { return static_cast<std::uint8_t>(~b); });
  (void)!::write(ready, "x", 1);
  for (;;) ::pause();
}

TEST(MemoryScan, FindsAPlantedSecretAndNotAGuardedOne) {
  if (geteuid() != 0) GTEST_SKIP() << "reading another process's memory is root's";
  // This process holds them inverted only, and so does the child but for the two places.
  std::array<std::uint8_t, 16> plain{}, kept{};
  std::random_device random;
  for (auto* bytes : {&plain, &kept})
    for (std::uint8_t& byte : *bytes) byte = static_cast<std::uint8_t>(random());
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) hold({plain.begin(), plain.end()}, {kept.begin(), kept.end()}, ready[1]);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  std::vector<Secret> secrets = {{"the planted one", {}}, {"the guarded one", {}}};
  for (const std::uint8_t b : plain) secrets[0].bytes.push_back(static_cast<std::uint8_t>(~b));
  for (const std::uint8_t b : kept) secrets[1].bytes.push_back(static_cast<std::uint8_t>(~b));
  const Scan scan = scan_memory(child, secrets);
  const Scan everything = scan_memory(child, secrets, true);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(scan.found.size(), 1U) << listed(scan);
  EXPECT_EQ(scan.found[0].secret, "the planted one");
  EXPECT_EQ(everything.found.size(), 2U) << listed(everything);
}

}  // namespace
}  // namespace faceauth::test
