#include <faced/server/accounts.h>

#include <gtest/gtest.h>

#include <cerrno>

namespace faceauth {
namespace {

TEST(Accounts, RootIsKnownAndSomebodyInventedIsNotUidZero) {
  const Result<std::uint32_t> root = uid_of("root");
  ASSERT_TRUE(root);
  EXPECT_EQ(*root, 0U);
  for (const char* name : {"nobody-of-this-name-exists", "", "0", "root "}) {
    const Result<std::uint32_t> unknown = uid_of(name);
    ASSERT_FALSE(unknown) << name;
    EXPECT_EQ(unknown.error().code, Errc::not_found) << name;
  }
}

// For a login both end it. A restore that leaves out whom the system does not know must not leave out everybody while
// the directory is down.
TEST(Accounts, AFailedLookUpIsNoAbsenceForWhoActsOnIt) {
  for (const bool certain : {false, true}) {
    EXPECT_EQ(absence(0, certain), Errc::not_found);
    EXPECT_EQ(absence(EIO, certain), Errc::io);
    EXPECT_EQ(absence(ETIMEDOUT, certain), Errc::io);
  }
  for (const int unclear : {ENOENT, ESRCH, EPERM}) {
    EXPECT_EQ(absence(unclear, false), Errc::not_found);
    EXPECT_EQ(absence(unclear, true), Errc::io);
  }
}

}  // namespace
}  // namespace faceauth
