#include <enroll-tool/nearest.h>
#include <gtest/gtest.h>

namespace faceauth::enroll {
namespace {

TEST(Nearest, TakesASlipForTheWordThatWasMeant) {
  const std::vector<std::string> verbs{"enroll", "enable", "disable", "list", "log", "login", "status"};
  EXPECT_EQ(nearest("enrol", verbs), "enroll");
  EXPECT_EQ(nearest("stauts", verbs), "status");
  EXPECT_EQ(nearest("lsit", verbs), "list");
  EXPECT_EQ(nearest("loginn", verbs), "login");
  EXPECT_EQ(nearest("status", verbs), "status");
}

TEST(Nearest, TakesNothingForWhatIsFarFromAll) {
  const std::vector<std::string> verbs{"enroll", "log", "list"};
  EXPECT_EQ(nearest("frobnicate", verbs), "");
  EXPECT_EQ(nearest("xy", verbs), "") << "as many slips as it has letters";
  EXPECT_EQ(nearest("", verbs), "");
  EXPECT_EQ(nearest(std::string(100'000, 'l'), verbs), "");
  EXPECT_EQ(nearest("log", {}), "");
}

}  // namespace
}  // namespace faceauth::enroll
