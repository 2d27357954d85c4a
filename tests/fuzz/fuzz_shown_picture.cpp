// The memory through which a worker of the eye shows pictures, and what enroll-tool makes of it for a terminal. Four
// bytes are a box, two the room on the terminal; the rest is the memory, cut off or filled with zeros.
#include "fuzz.h"

#include <enroll-tool/graphics.h>
#include <enroll-tool/picture.h>
#include <faceauth/picture.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace faceauth;
using namespace faceauth::enroll;

namespace {

// One for the life of the process.
class Memory {
 public:
  Memory() : fd_(::memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    fuzz::must(::ftruncate(fd_.get(), static_cast<off_t>(picture::kBytes)) == 0 &&
                   ::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0,
               "there is memory");
  }
  void put(const std::uint8_t* data, std::size_t size) const {
    std::vector<std::uint8_t> all(data, data + std::min(size, picture::kBytes));
    all.resize(picture::kBytes);
    fuzz::must(::pwrite(fd_.get(), all.data(), all.size(), 0) == static_cast<ssize_t>(all.size()), "a write");
  }
  [[nodiscard]] const Fd& fd() const { return fd_; }

 private:
  Fd fd_;
};

void check_text(const std::string& text, std::string_view also) {
  fuzz::must(std::all_of(text.begin(), text.end(),
                         [&](char c) {
                           return (c >= ' ' && c < 0x7f) || c == '\x1b' || also.find(c) != std::string_view::npos;
                         }),
             "a terminal is sent characters of our own making");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoice = 6;
  if (size < kChoice) return 0;
  static const Memory memory;
  memory.put(data + kChoice, size - kChoice);
  PictureReader reader(memory.fd());
  std::optional<Picture> picture = reader.next();
  if (!picture) return 0;
  fuzz::must(picture->width >= 1 && picture->width <= picture::kSideMax && picture->height >= 1 &&
                 picture->height <= picture::kSideMax && picture->rgb.size() == 3U * picture->width * picture->height,
             "a picture has the pixels that its size says");
  fuzz::must(!reader.next(), "each is given once");
  const auto at = [&](int i) { return 16.0F * (static_cast<float>(data[i]) - 64); };
  draw_box(*picture, {at(0), at(1), at(2), at(3)}, {255, 0, 0});
  const Cells area = cells_for(*picture, {1U + data[4] % 16, 1U + data[5] % 8}, {});
  if (area.columns == 0 || area.rows == 0) return 0;
  check_text(half_blocks(*picture, area, data[0] % 2 == 0), "\r\n\xe2\x96\x80");
  check_text(sixel(*picture, area, {}), "");
  check_text(kitty(*picture, area), "");
  return 0;
}
