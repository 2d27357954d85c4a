// A picture as text for a terminal. Every character of it is of our own making, whatever the pixels are.
#pragma once

#include <enroll-tool/picture.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace faceauth::enroll {

enum class Graphics : std::uint8_t { none, blocks_256, blocks, sixel, kitty };

struct Cells {
  unsigned columns = 0, rows = 0;
};
struct CellPixels {
  unsigned width = 8, height = 16;
};

// The largest area of `room` with the shape of the picture.
[[nodiscard]] Cells cells_for(const Picture& picture, Cells room, CellPixels cell);

// Two pixels in a character, the upper one as the colour of U+2580 and the lower one as its background: as many rows as
// `area` has, separated by "\r\n" and `indent` columns.
[[nodiscard]] std::string half_blocks(const Picture& picture, Cells area, bool true_color, unsigned indent = 0);

// For DEC's sixel graphics, in 252 fixed colours, dithered.
[[nodiscard]] std::string sixel(const Picture& picture, Cells area, CellPixels cell);

// For the graphics protocol of the terminal kitty; replaces the picture shown before.
[[nodiscard]] std::string kitty(const Picture& picture, Cells area);
inline constexpr std::string_view kKittyForget = "\x1b_Ga=d,d=A,q=2\x1b\\";

[[nodiscard]] std::string base64(const std::uint8_t* data, std::size_t size);

}  // namespace faceauth::enroll
