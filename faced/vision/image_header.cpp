#include <faced/vision/image_header.h>

#include <faceauth/bytes.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace faceauth::vision {
namespace {

using File = std::span<const std::uint8_t>;

bool has(File file, std::size_t at, std::string_view text) {
  return file.size() >= at + text.size() &&
         std::equal(text.begin(), text.end(), file.begin() + static_cast<long>(at),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

Reader from(File file, std::size_t at) {
  at = std::min(at, file.size());
  return {file.data() + at, file.size() - at};
}

std::uint32_t big_endian(std::uint32_t v) { return __builtin_bswap32(v); }

PictureHeader png(File file) {
  Reader r = from(file, 16);
  const std::uint32_t width = big_endian(r.u32()), height = big_endian(r.u32());
  return {PictureKind::png, width, height};
}

PictureHeader bmp(File file) {
  constexpr std::uint32_t kOldHeader = 12;
  Reader r = from(file, 14);
  if (r.u32() == kOldHeader) {
    const std::uint16_t width = r.u16(), height = r.u16();
    return {PictureKind::bmp, width, height};
  }
  const auto width = std::bit_cast<std::int32_t>(r.u32()), height = std::bit_cast<std::int32_t>(r.u32());
  // A negative height means that the rows run from the top.
  return {PictureKind::bmp, static_cast<std::uint64_t>(std::max(0, width)),
          static_cast<std::uint64_t>(std::abs(std::int64_t{height}))};
}

PictureHeader webp(File file) {
  constexpr std::uint8_t kAnimated = 0x02;
  PictureHeader header{PictureKind::webp, 0, 0};
  if (has(file, 12, "VP8X")) {
    Reader r = from(file, 20);
    if ((r.u8() & kAnimated) != 0) return header;
    (void)r.u16();
    (void)r.u8();
    const std::uint64_t canvas = std::uint64_t{r.u32()} | std::uint64_t{r.u16()} << 32;
    if (r.good()) header = {PictureKind::webp, (canvas & 0xFFFFFF) + 1, (canvas >> 24) + 1};
  } else if (has(file, 12, "VP8L")) {
    Reader r = from(file, 21);
    const std::uint32_t bits = r.u32();
    if (r.good()) header = {PictureKind::webp, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  } else if (has(file, 12, "VP8 ")) {
    Reader r = from(file, 26);
    const std::uint16_t width = r.u16(), height = r.u16();
    header = {PictureKind::webp, width & 0x3FFFU, height & 0x3FFFU};
  }
  return header;
}

// Decimal numbers apart by white space and '#' comments.
class PnmNumbers {
 public:
  explicit PnmNumbers(File file) : file_(file), at_(2) {}

  std::uint64_t next() {
    skip_space();
    std::uint64_t v = 0;
    for (int digits = 0; at_ < file_.size() && digits < 10; ++digits, ++at_) {
      if (file_[at_] < '0' || file_[at_] > '9') break;
      v = v * 10 + (file_[at_] - '0');
    }
    return v;
  }

 private:
  void skip_space() {
    bool comment = false;
    for (; at_ < file_.size(); ++at_) {
      const char c = static_cast<char>(file_[at_]);
      if (c == '#') comment = true;
      if (c == '\n' || c == '\r') comment = false;
      if (!comment && c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    }
  }
  File file_;
  std::size_t at_;
};

PictureHeader pnm(File file) {
  PnmNumbers numbers(file);
  const std::uint64_t width = numbers.next(), height = numbers.next();
  return {PictureKind::pnm, width, height};
}

}  // namespace

std::optional<PictureHeader> read_picture_header(File file) {
  if (has(file, 0, "\xFF\xD8\xFF")) return PictureHeader{};
  PictureHeader header;
  if (has(file, 0, "\x89PNG\r\n\x1A\n") && has(file, 12, "IHDR"))
    header = png(file);
  else if (has(file, 0, "BM"))
    header = bmp(file);
  else if (has(file, 0, "RIFF") && has(file, 8, "WEBP"))
    header = webp(file);
  else if (file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' && std::isspace(file[2]) != 0)
    header = pnm(file);
  if (header.width == 0 || header.height == 0) return std::nullopt;
  return header;
}

}  // namespace faceauth::vision
