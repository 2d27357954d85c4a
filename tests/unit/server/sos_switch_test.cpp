#include <faced/server/sos_switch.h>

#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>

namespace faceauth {
namespace {

TEST(SosSwitch, PulledStaysPulledForTheNextDaemon) {
  const test::TempDir dir;
  EXPECT_FALSE(SosSwitch(dir.path()).faces_off());
  ASSERT_TRUE(SosSwitch(dir.path()).pull());
  ASSERT_TRUE(SosSwitch(dir.path()).pull()) << "twice is fine";
  EXPECT_TRUE(SosSwitch(dir.path()).faces_off());
  ASSERT_TRUE(SosSwitch(dir.path()).release());
  ASSERT_TRUE(SosSwitch(dir.path()).release());
  EXPECT_FALSE(SosSwitch(dir.path()).faces_off());
}

TEST(SosSwitch, CannotTellMeansOff) {
  const SosSwitch below_a_file("/dev/null");
  EXPECT_TRUE(below_a_file.faces_off());
  EXPECT_FALSE(below_a_file.pull());
}

}  // namespace
}  // namespace faceauth
