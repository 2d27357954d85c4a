#include <faced/server/camera_memory.h>

#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>

namespace faceauth {
namespace {

using Marks = CameraMemory::Marks;

TEST(CameraMemory, WhatWasNotedIsRecalledByTheNextDaemon) {
  const test::TempDir dir;
  EXPECT_EQ(CameraMemory(dir.path()).recall(), Marks{});
  ASSERT_TRUE(CameraMemory(dir.path()).note({"0123456789abcdef" + 7, "fedcba987"}));
  EXPECT_EQ(CameraMemory(dir.path()).recall(), (Marks{"789abcdef", "fedcba987"}));
  ASSERT_TRUE(CameraMemory(dir.path()).note({"", "fedcba987"}));
  EXPECT_EQ(CameraMemory(dir.path()).recall(), (Marks{"", "fedcba987"}));
}

TEST(CameraMemory, WhatIsNoMarkIsForgotten) {
  const test::TempDir dir;
  for (const char* text : {"", "\n", "replay:/etc", "0123456789\n", "ZZZZZZZZZ\n", "12345678", "\n\n\n"}) {
    (void)dir.write("camera", text);
    EXPECT_EQ(CameraMemory(dir.path()).recall(), Marks{}) << text;
  }
}

TEST(CameraMemory, AFolderThatCannotBeWrittenIsAnError) {
  EXPECT_FALSE(CameraMemory("/dev/null").note({"789abcdef", ""}));
  EXPECT_EQ(CameraMemory("/dev/null").recall(), Marks{});
}

}  // namespace
}  // namespace faceauth
