// Reading the memory that the eye writes, by somebody who trusts nothing in it.
#include <enroll-tool/picture.h>
#include <faceauth/picture.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace faceauth::enroll {
namespace {

class Memory {
 public:
  explicit Memory(std::size_t size = picture::kBytes, bool sealed = true)
      : fd_(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    EXPECT_EQ(::ftruncate(fd_.get(), static_cast<off_t>(size)), 0);
    const int seals = sealed ? F_SEAL_SHRINK | F_SEAL_GROW : 0;
    EXPECT_EQ(::fcntl(fd_.get(), F_ADD_SEALS, seals), 0);
  }
  void put(picture::Header header, std::uint8_t colour = 7) const {
    const std::vector<std::uint8_t> pixels(30, colour);
    EXPECT_EQ(::pwrite(fd_.get(), &header, sizeof header, 0), ssize_t{sizeof header});
    EXPECT_EQ(::pwrite(fd_.get(), pixels.data(), pixels.size(), picture::kPixelsAt), 30);
  }
  [[nodiscard]] const Fd& fd() const { return fd_; }

 private:
  Fd fd_;
};

TEST(PictureReader, GivesEachPictureOnce) {
  const Memory memory;
  PictureReader reader(memory.fd());
  EXPECT_FALSE(reader.next()) << "nothing was written yet";
  memory.put({2, 5, 2, 640, 480});
  const std::optional<Picture> picture = reader.next();
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width, 5U);
  EXPECT_EQ(picture->source_height, 480U);
  EXPECT_EQ(picture->rgb, std::vector<std::uint8_t>(30, 7));
  EXPECT_FALSE(reader.next());
  memory.put({4, 5, 2, 640, 480}, 9);
  ASSERT_TRUE(reader.next());
}

TEST(PictureReader, DoesNotLookWhileItIsWritten) {
  const Memory memory;
  PictureReader reader(memory.fd());
  memory.put({3, 5, 2, 640, 480});
  EXPECT_FALSE(reader.next());
}

TEST(PictureReader, SizesThatCannotBeAreNoPicture) {
  const Memory memory;
  PictureReader reader(memory.fd());
  std::uint32_t stamp = 0;
  for (const auto& [width, height] : {std::pair{0U, 1U}, {1U, 0U}, {321U, 1U}, {1U, 321U}, {~0U, ~0U}}) {
    memory.put({stamp += 2, width, height, 640, 480});
    EXPECT_FALSE(reader.next()) << width << "x" << height;
  }
  memory.put({stamp += 2, 5, 2, 0, 480});
  EXPECT_FALSE(reader.next());
  memory.put({stamp += 2, 320, 320, 640, 480});
  EXPECT_TRUE(reader.next()) << "the largest";
}

TEST(PictureReader, MemoryThatCouldShrinkOrIsOfAnotherSizeShowsNothing) {
  const Memory unsealed(picture::kBytes, false), small(4096);
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  for (const Memory* memory : {&unsealed, &small}) {
    memory->put({2, 5, 2, 640, 480});
    EXPECT_FALSE(PictureReader(memory->fd()).next());
  }
  EXPECT_FALSE(PictureReader(null).next());
  EXPECT_FALSE(PictureReader(Fd()).next());
}

}  // namespace
}  // namespace faceauth::enroll
