// What the first bytes of a picture file claim, read without its library.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace faceauth::vision {

enum class PictureKind { jpeg, png, bmp, webp, pnm };

struct PictureHeader {
  PictureKind kind = PictureKind::jpeg;
  std::uint64_t width = 0, height = 0;  // 0 x 0 for JPEG: its decoder reports them before it decodes
};

// Nothing for any other kind of file, animations and pictures without area included.
[[nodiscard]] std::optional<PictureHeader> read_picture_header(std::span<const std::uint8_t> file);

}  // namespace faceauth::vision
