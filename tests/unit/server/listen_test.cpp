#include <faced/server/listen.h>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/unit/support/temp_dir.h>

#include <fstream>

namespace faceauth {
namespace {

TEST(Listen, MakesASocketForEverybodyAndReplacesADeadOne) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/run/faced.sock";
  {
    const Result<Listening> first = listen_at(path);
    ASSERT_TRUE(first) << first.error().message;
    struct stat st {};
    ASSERT_EQ(::stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777U, 0666U);
    const Result<Listening> second = listen_at(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::busy) << "a living daemon is not pushed aside";
  }
  EXPECT_TRUE(listen_at(path)) << "a dead one's leftover is replaced";
}

TEST(Listen, SomethingElseAtThePathIsLeftAlone) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/faced.sock";
  std::ofstream(path) << "precious";
  const Result<Listening> refused = listen_at(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unsafe_path);
  struct stat st {};
  EXPECT_EQ(::stat(path.c_str(), &st), 0);
}

TEST(Listen, ATooLongPathIsAnError) {
  EXPECT_EQ(listen_at("/tmp/" + std::string(200, 'x')).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace faceauth
