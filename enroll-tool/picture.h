// The camera's pictures, out of the memory that the eye writes (faceauth/picture.h). Nothing there is trusted.
#pragma once

#include <enroll-tool/fd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace faceauth::enroll {

// Rows of red, green and blue bytes.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::uint32_t source_width = 0, source_height = 0;  // of the camera's frame
  std::vector<std::uint8_t> rgb;
};

class PictureReader {
 public:
  // Memory of another size, or that could shrink below our feet, shows nothing.
  explicit PictureReader(const Fd& memory);
  PictureReader(const PictureReader&) = delete;
  PictureReader& operator=(const PictureReader&) = delete;
  ~PictureReader();

  // The present picture; nothing when it is the one given out last, or just being written.
  [[nodiscard]] std::optional<Picture> next();

 private:
  const std::uint8_t* memory_ = nullptr;
  std::uint32_t seen_ = 0;
};

using Colour = std::array<std::uint8_t, 3>;

// The outline of a box in pixels of the source, as far as it lies within.
void draw_box(Picture& picture, const std::array<float, 4>& box, Colour colour);

// At another size, each pixel the mean of those it stands for. Sides of at least 1.
[[nodiscard]] Picture scaled(const Picture& picture, std::uint32_t width, std::uint32_t height);

}  // namespace faceauth::enroll
