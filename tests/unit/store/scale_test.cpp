// A hundred thousand users: a login's reads take what they take among few, and whoever walks over all holds a page.
#include <faced/crypto/aead.h>
#include <faced/store/store.h>
#include <tests/support/invented_users.h>
#include <tests/unit/support/temp_dir.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <vector>

namespace faceauth::test {
namespace {

constexpr std::uint64_t kMany = 100'000, kFew = 10;

// Memory of this process's own, in bytes: what LMDB maps of its file is the kernel's, and given back when it likes.
std::int64_t own_memory() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;)
    if (word == "RssAnon:") {
      std::int64_t kilobytes = 0;
      in >> kilobytes;
      return kilobytes * 1024;
    }
  return 0;
}

double read_us(const Store& store, const std::string& name) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(store.user(name));
  EXPECT_TRUE(store.templates(name));
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

TEST(StoreScale, AHundredThousandUsers) {
  const TempDir dir;
  const Key key = random_key();
  const std::string many_path = dir.path() + "/many", few_path = dir.path() + "/few";
  for (const auto& [path, users] : {std::pair{many_path, kMany}, std::pair{few_path, kFew}}) {
    Result<Store> store = Store::open(path, key);
    ASSERT_TRUE(store) << store.error().message;
    const Result<void> filled = fill_with(*store, users);
    ASSERT_TRUE(filled) << filled.error().message;
  }
  const std::int64_t before = own_memory();
  const auto begun = std::chrono::steady_clock::now();
  Result<Store> many = Store::open(many_path, key);
  ASSERT_TRUE(many) << many.error().message;
  const double open_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
  const std::int64_t opened = own_memory();
  // The wrapped key of each user, and no more.
  EXPECT_LT(opened - before, static_cast<std::int64_t>(kMany) * 500);

  const Result<Store> few = Store::open(few_path, key);
  ASSERT_TRUE(few);
  std::vector<double> in_many, in_few;
  for (std::uint64_t i = 0; i < 500; ++i) {  // turn by turn, so that a busy machine slows both alike
    in_many.push_back(read_us(*many, InventedUsers::name(i * 199)));
    in_few.push_back(read_us(*few, InventedUsers::name(i % kFew)));
  }
  EXPECT_LT(median(in_many), 3 * median(in_few) + 20);

  const std::int64_t start = own_memory();
  std::uint64_t seen = 0;
  std::int64_t most = 0;
  ASSERT_TRUE(many->for_each_user("", [&](const UserSummary& user) {
    if (++seen % 1000 == 0) most = std::max(most, own_memory() - start);
    return user.templates.size() == 1;
  }));
  EXPECT_EQ(seen, kMany);
  EXPECT_LT(most, 4 << 20);
  EXPECT_FALSE(many->user(InventedUsers::name(kMany)));
  std::cout << kMany << " users: open " << open_ms << " ms, " << (opened - before) / 1024 << " KiB; a login's reads "
            << median(in_many) << " us, among " << kFew << " users " << median(in_few) << " us; a walk over all holds "
            << most / 1024 << " KiB\n";
}

}  // namespace
}  // namespace faceauth::test
