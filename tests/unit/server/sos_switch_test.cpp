#include <faced/server/sos_switch.h>

#include <gtest/gtest.h>
#include <sys/stat.h>
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

TEST(SosSwitch, PulledHoldsWhereItCannotBeStored) {
  const test::TempDir dir;
  SosSwitch without_a_place(dir / "missing");
  EXPECT_FALSE(without_a_place.faces_off());
  EXPECT_FALSE(without_a_place.pull());
  EXPECT_TRUE(without_a_place.faces_off());
  EXPECT_FALSE(without_a_place.release()) << "nor can this be stored";
  EXPECT_TRUE(without_a_place.faces_off());
  ASSERT_EQ(mkdir((dir / "missing").c_str(), 0700), 0);
  EXPECT_TRUE(without_a_place.release());
  EXPECT_FALSE(without_a_place.faces_off());
}

TEST(SosSwitch, CannotTellMeansOff) {
  SosSwitch below_a_file("/dev/null");
  EXPECT_TRUE(below_a_file.faces_off());
  EXPECT_FALSE(below_a_file.pull());
}

}  // namespace
}  // namespace faceauth
