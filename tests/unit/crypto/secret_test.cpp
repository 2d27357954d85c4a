#include <faced/crypto/secret.h>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <type_traits>

namespace faceauth {
namespace {

struct Odd {
  std::uint64_t number;
  std::array<float, 3> floats;
};

TEST(Secret, StartsZeroedAndAligned) {
  for (int i = 0; i < 20; ++i) {
    Secret<Odd> odd;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&*odd) % alignof(Odd), 0u);
    EXPECT_TRUE(std::ranges::all_of(odd.bytes(), [](std::uint8_t b) { return b == 0; }));
    odd->number = ~0ull;
  }
}

TEST(SecretBytes, LocksAtMostHalfOfWhatMayBeLocked) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &before), 0);
  const rlimit little{std::min<rlim_t>(256 * 1024, before.rlim_max), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &little), 0);
  SecretBytes fits = SecretBytes::locked(little.rlim_cur / 2);
  const SecretBytes more = SecretBytes::locked(little.rlim_cur / 2 + 1);
  ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &before), 0);
  EXPECT_EQ(fits.size(), little.rlim_cur / 2);
  EXPECT_TRUE(std::ranges::all_of(fits.bytes(), [](std::uint8_t b) { return b == 0; }));
  EXPECT_TRUE(more.empty());
  EXPECT_TRUE(SecretBytes::locked(0).empty());
}

TEST(Secret, MovesAndNeverCopies) {
  static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
  static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
  Key a;
  a->fill(7);
  const std::uint8_t* const where = a->data();
  const Key b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(b->data(), where);
  const Key c = b.clone();
  EXPECT_NE(c->data(), where);
  EXPECT_EQ(*b, *c);
}

TEST(SecretBytes, CopiesInAndMovesOut) {
  SecretBytes bytes = SecretBytes::copy_of("hush", 4);
  EXPECT_EQ(std::string(bytes.bytes().begin(), bytes.bytes().end()), "hush");
  const SecretBytes moved = std::move(bytes);
  EXPECT_EQ(moved.size(), 4u);
  EXPECT_TRUE(bytes.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(SecretBytes::copy_of(nullptr, 0).empty());
}

TEST(Secret, ComparesByContentAndSize) {
  const std::array<std::uint8_t, 3> a{1, 2, 3}, b{1, 2, 3}, c{1, 2, 4};
  EXPECT_TRUE(equal_constant_time(a, b));
  EXPECT_FALSE(equal_constant_time(a, c));
  EXPECT_FALSE(equal_constant_time(a, std::span(b).first(2)));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(Secret, WipeOverwrites) {
  std::array<std::uint8_t, 8> buffer{1, 2, 3, 4, 5, 6, 7, 8};
  wipe(buffer.data(), buffer.size());
  EXPECT_TRUE(std::ranges::all_of(buffer, [](std::uint8_t b) { return b == 0; }));
}

// The guard page behind the value ends the process at the first byte too far.
TEST(SecretDeathTest, OverrunEndsTheProcess) {
  EXPECT_DEATH(
      {
        const Key key;
        const volatile std::uint8_t* const end = key->data() + key->size();
        static_cast<void>(*end);
      },
      "");
}

// How often it is told in a process that may lock nothing.
[[noreturn]] void hold_a_secret_that_cannot_be_locked() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_MEMLOCK, &none);
  if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(9);
  const Key key;
  ::_exit((secrets_became_swappable() ? 1 : 0) + (secrets_became_swappable() ? 2 : 0));
}

TEST(Secret, MemoryThatCannotBeLockedIsNoticedAndToldOnce) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer makes mlock do nothing";
#endif
  { const Key fine; }
  EXPECT_FALSE(secrets_became_swappable());
  EXPECT_EXIT(hold_a_secret_that_cannot_be_locked(), testing::ExitedWithCode(1), "");
}

// Guarded memory is kept out of core dumps ("dd": do not dump) by the kernel's own account.
TEST(Secret, StaysOutOfCoreDumps) {
  const Key key;
  const auto address = reinterpret_cast<std::uintptr_t>(key->data());
  std::ifstream maps("/proc/self/smaps");
  bool inside = false, found = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) inside = from <= address && address < to;
    if (inside && line.starts_with("VmFlags:")) {
      found = true;
      EXPECT_NE(line.find(" dd"), std::string::npos) << line;
    }
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace faceauth
