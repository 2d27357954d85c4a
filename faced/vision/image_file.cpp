#include <faced/vision/image_file.h>
#include <faced/vision/regular_file.h>

#include <faceauth/limits.h>

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <vector>

namespace faceauth::vision {
namespace {

// As many bytes as the file had when its size was taken; fewer if it shrinks meanwhile.
std::vector<std::uint8_t> read_whole(int fd, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::pread(fd, bytes.data() + have, size - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

Picture read_image(int fd) {
  const std::optional<std::uint64_t> size = regular_file_size(fd);
  if (!size || *size == 0) return tl::unexpected(FaceIssue::unreadable);
  if (*size > limits::kImageBytesMax) return tl::unexpected(FaceIssue::too_large);
  try {
    const std::vector<std::uint8_t> bytes = read_whole(fd, static_cast<std::size_t>(*size));
    return decode_picture(bytes, {limits::kImageSideMax, limits::kImagePixelsMax});
  } catch (const std::exception&) {  // cv::Exception or std::bad_alloc: the file is at fault
    return tl::unexpected(FaceIssue::unreadable);
  }
}

}  // namespace faceauth::vision
