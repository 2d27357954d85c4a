#include <faced/vision_link/picture_memory.h>

#include <faceauth/picture.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace faceauth {
namespace {

TEST(PictureMemory, OneWritesAndTheOtherReads) {
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory) << memory.error().message;
  struct stat info {};
  ASSERT_EQ(::fstat(memory->to_read.get(), &info), 0);
  EXPECT_EQ(info.st_size, static_cast<off_t>(picture::kBytes));
  ASSERT_EQ(::pwrite(memory->to_write.get(), "x", 1, 100), 1);
  char got = 0;
  EXPECT_EQ(::pread(memory->to_read.get(), &got, 1, 100), 1);
  EXPECT_EQ(got, 'x');
}

TEST(PictureMemory, TheReaderCanNeitherWriteNorChangeTheSize) {
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  EXPECT_EQ(::pwrite(memory->to_read.get(), "x", 1, 0), -1);
  EXPECT_EQ(::mmap(nullptr, picture::kBytes, PROT_WRITE, MAP_SHARED, memory->to_read.get(), 0), MAP_FAILED);
  for (const int fd : {memory->to_read.get(), memory->to_write.get()}) {
    EXPECT_NE(::ftruncate(fd, 0), 0);
    EXPECT_NE(::ftruncate(fd, 1 << 20), 0);
  }
}

TEST(PictureMemory, AnotherUserCannotOpenItToWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "becomes another user";
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string path = "/proc/self/fd/" + std::to_string(memory->to_read.get());
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
    ::_exit(::open(path.c_str(), O_RDWR | O_CLOEXEC) < 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace faceauth
