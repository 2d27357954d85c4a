#include <enroll-tool/picture.h>
#include <faceauth/picture.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

namespace faceauth::enroll {

namespace {

constexpr std::uint32_t kLineWidth = 2;
constexpr std::uint32_t kSourceSideMax = 1U << 16;

std::uint32_t stamp_of(const std::uint8_t* memory) {
  // atomic_ref wants memory it may write; a load does not.
  auto* header = const_cast<picture::Header*>(reinterpret_cast<const picture::Header*>(memory));
  return std::atomic_ref<std::uint32_t>(header->stamp).load(std::memory_order_acquire);
}

bool is_plausible(const picture::Header& h) {
  const auto within = [](std::uint32_t side, std::uint32_t most) { return side >= 1 && side <= most; };
  return within(h.width, picture::kSideMax) && within(h.height, picture::kSideMax) &&
         within(h.source_width, kSourceSideMax) && within(h.source_height, kSourceSideMax);
}

}  // namespace

PictureReader::PictureReader(const Fd& memory) {
  struct stat info {};
  const int seals = ::fcntl(memory.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || ::fstat(memory.get(), &info) != 0 ||
      info.st_size != static_cast<off_t>(picture::kBytes))
    return;
  void* at = ::mmap(nullptr, picture::kBytes, PROT_READ, MAP_SHARED, memory.get(), 0);
  if (at != MAP_FAILED) memory_ = static_cast<const std::uint8_t*>(at);
}

PictureReader::~PictureReader() {
  if (memory_ != nullptr) ::munmap(const_cast<std::uint8_t*>(memory_), picture::kBytes);
}

std::optional<Picture> PictureReader::next() {
  if (memory_ == nullptr) return std::nullopt;
  const std::uint32_t before = stamp_of(memory_);
  if (before == seen_ || before % 2 != 0) return std::nullopt;
  picture::Header header;
  std::memcpy(&header, memory_, sizeof header);
  if (!is_plausible(header)) return std::nullopt;
  Picture picture{header.width, header.height, header.source_width, header.source_height, {}};
  const std::uint8_t* pixels = memory_ + picture::kPixelsAt;
  picture.rgb.assign(pixels, pixels + std::size_t{3} * header.width * header.height);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (stamp_of(memory_) != before) return std::nullopt;
  seen_ = before;
  return picture;
}

void draw_box(Picture& picture, const std::array<float, 4>& box, Colour colour) {
  if (!std::all_of(box.begin(), box.end(), [](float v) { return std::isfinite(v); })) return;
  const float x_scale = static_cast<float>(picture.width) / static_cast<float>(picture.source_width);
  const float y_scale = static_cast<float>(picture.height) / static_cast<float>(picture.source_height);
  const auto within = [](float at, std::uint32_t side) {
    return static_cast<std::uint32_t>(std::clamp(at, 0.0F, static_cast<float>(side - 1)));
  };
  const std::uint32_t left = within(box[0] * x_scale, picture.width), top = within(box[1] * y_scale, picture.height);
  const std::uint32_t right = within((box[0] + box[2]) * x_scale, picture.width);
  const std::uint32_t bottom = within((box[1] + box[3]) * y_scale, picture.height);
  for (std::uint32_t y = top; y <= bottom; ++y)
    for (std::uint32_t x = left; x <= right; ++x) {
      const bool edge =
          x < left + kLineWidth || x + kLineWidth > right || y < top + kLineWidth || y + kLineWidth > bottom;
      if (edge) std::copy(colour.begin(), colour.end(), &picture.rgb[3 * (std::size_t{y} * picture.width + x)]);
    }
}

Picture scaled(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  Picture out{width, height, picture.source_width, picture.source_height, {}};
  out.rgb.resize(std::size_t{3} * width * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint32_t y0 = y * picture.height / height;
    const std::uint32_t y1 = std::max(y0 + 1, (y + 1) * picture.height / height);
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t x0 = x * picture.width / width;
      const std::uint32_t x1 = std::max(x0 + 1, (x + 1) * picture.width / width);
      for (std::uint32_t c = 0; c < 3; ++c) {
        std::uint32_t sum = 0;
        for (std::uint32_t yy = y0; yy < y1; ++yy)
          for (std::uint32_t xx = x0; xx < x1; ++xx) sum += picture.rgb[3 * (std::size_t{yy} * picture.width + xx) + c];
        out.rgb[3 * (std::size_t{y} * width + x) + c] = static_cast<std::uint8_t>(sum / ((y1 - y0) * (x1 - x0)));
      }
    }
  }
  return out;
}

}  // namespace faceauth::enroll
