#include <faced/vision/exif.h>

#include <array>
#include <cstring>

namespace faceauth::vision {
namespace {

constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint16_t kShortType = 3;
constexpr std::size_t kEntrySize = 12;

// Reads past the end yield zeros, which mean nothing in the places read.
class TiffReader {
 public:
  explicit TiffReader(std::span<const std::uint8_t> tiff)
      : tiff_(tiff), little_(tiff.size() > 1 && tiff[0] == 'I' && tiff[1] == 'I') {}

  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t size) const {
    if (at > tiff_.size() || size > tiff_.size() - at) return 0;
    std::uint32_t v = 0;
    for (std::size_t i = 0; i < size; ++i) v = (v << 8) | tiff_[at + (little_ ? size - 1 - i : i)];
    return v;
  }

 private:
  std::span<const std::uint8_t> tiff_;
  bool little_;
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> app1) {
  constexpr std::array<std::uint8_t, 6> kPrefix = {'E', 'x', 'i', 'f', 0, 0};
  if (app1.size() < kPrefix.size() || std::memcmp(app1.data(), kPrefix.data(), kPrefix.size()) != 0) return 1;
  return tiff_orientation(app1.subspan(kPrefix.size()));
}

int tiff_orientation(std::span<const std::uint8_t> bytes) {
  const TiffReader tiff(bytes);
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntrySize;
    if (entry >= bytes.size()) break;
    if (tiff.number(entry, 2) != kOrientationTag || tiff.number(entry + 2, 2) != kShortType) continue;
    const std::uint32_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

cv::Mat upright(const cv::Mat& picture, int orientation) {
  constexpr int kAboutBoth = -1, kAboutX = 0, kAboutY = 1;
  cv::Mat out = picture;
  if (orientation >= 5) cv::transpose(picture, out);
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(out, out, kAboutY);
      break;
    case 3:
    case 7:
      cv::flip(out, out, kAboutBoth);
      break;
    case 4:
    case 8:
      cv::flip(out, out, kAboutX);
      break;
    default:
      break;
  }
  return out;
}

}  // namespace faceauth::vision
