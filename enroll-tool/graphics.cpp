#include <enroll-tool/graphics.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace faceauth::enroll {

namespace {

constexpr unsigned kSixelRows = 6;
constexpr std::uint32_t kSixelWidthMax = 480;  // wider ones take terminals too long
constexpr std::size_t kKittyChunk = 4096;

const std::uint8_t* pixel(const Picture& p, std::uint32_t x, std::uint32_t y) {
  return &p.rgb[3 * (std::size_t{y} * p.width + x)];
}

// The nearest colour of xterm's cube of 6 by 6 by 6.
unsigned cube_colour(const std::uint8_t* rgb) {
  const auto level = [](unsigned v) { return v < 48 ? 0U : v < 115 ? 1U : (v - 35) / 40; };
  return 16 + 36 * level(rgb[0]) + 6 * level(rgb[1]) + level(rgb[2]);
}

void put_colour(std::string& out, const char* ground, const std::uint8_t* rgb, bool true_color) {
  if (true_color)
    fmt::format_to(std::back_inserter(out), "\x1b[{};2;{};{};{}m", ground, rgb[0], rgb[1], rgb[2]);
  else
    fmt::format_to(std::back_inserter(out), "\x1b[{};5;{}m", ground, cube_colour(rgb));
}

// ---- sixel: a palette of 6 red by 7 green by 6 blue, and Bayer's matrix so that skin shows no bands

constexpr std::array<unsigned, 3> kLevels{6, 7, 6};
constexpr unsigned kColours = kLevels[0] * kLevels[1] * kLevels[2];
constexpr std::array<std::array<unsigned, 4>, 4> kBayer{{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}};

unsigned dithered(const std::uint8_t* rgb, std::uint32_t x, std::uint32_t y) {
  const unsigned threshold = kBayer[y % 4][x % 4] * 16 + 8;  // of 256
  unsigned colour = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const unsigned steps = kLevels[c] - 1, exact = rgb[c] * steps;  // in 255ths of a level
    const unsigned level = exact / 255 + ((exact % 255) * 256 / 255 > threshold ? 1 : 0);
    colour = colour * kLevels[c] + std::min(level, steps);
  }
  return colour;
}

void put_palette(std::string& out) {
  for (unsigned colour = 0; colour < kColours; ++colour) {
    const unsigned blue = colour % kLevels[2], green = colour / kLevels[2] % kLevels[1];
    const unsigned red = colour / (kLevels[2] * kLevels[1]);
    fmt::format_to(std::back_inserter(out), "#{};2;{};{};{}", colour, red * 100 / (kLevels[0] - 1),
                   green * 100 / (kLevels[1] - 1), blue * 100 / (kLevels[2] - 1));
  }
}

// One colour's part of six rows; `bits` are of one column each.
void put_run(std::string& out, const std::vector<std::uint8_t>& bits) {
  for (std::size_t at = 0; at < bits.size();) {
    std::size_t end = at + 1;
    while (end < bits.size() && bits[end] == bits[at]) ++end;
    const char sign = static_cast<char>('?' + bits[at]);
    if (end == bits.size() && bits[at] == 0) return;
    if (end - at > 3)
      fmt::format_to(std::back_inserter(out), "!{}{}", end - at, sign);
    else
      out.append(end - at, sign);
    at = end;
  }
}

void put_band(std::string& out, const Picture& picture, std::uint32_t top) {
  std::array<std::vector<std::uint8_t>, kColours> columns;
  for (std::uint32_t row = 0; row < kSixelRows && top + row < picture.height; ++row)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      std::vector<std::uint8_t>& bits = columns[dithered(pixel(picture, x, top + row), x, top + row)];
      if (bits.empty()) bits.resize(picture.width);
      bits[x] = static_cast<std::uint8_t>(bits[x] | 1U << row);
    }
  for (unsigned colour = 0; colour < kColours; ++colour) {
    if (columns[colour].empty()) continue;
    fmt::format_to(std::back_inserter(out), "#{}", colour);
    put_run(out, columns[colour]);
    out += '$';
  }
  out += '-';
}

}  // namespace

Cells cells_for(const Picture& picture, Cells room, CellPixels cell) {
  if (room.columns == 0 || room.rows == 0) return {};
  const double shape = double{static_cast<double>(picture.width)} / picture.height;
  const double cell_shape = static_cast<double>(cell.width) / cell.height;
  const double columns_per_row = shape / cell_shape;
  const auto columns = static_cast<unsigned>(room.rows * columns_per_row);
  if (columns <= room.columns) return {std::max(1U, columns), room.rows};
  return {room.columns, std::max(1U, static_cast<unsigned>(room.columns / columns_per_row))};
}

std::string half_blocks(const Picture& picture, Cells area, bool true_color, unsigned indent) {
  const Picture small = scaled(picture, std::max(1U, area.columns), std::max(1U, area.rows) * 2);
  std::string out;
  for (std::uint32_t y = 0; y < small.height; y += 2) {
    if (y > 0) out += "\r\n";
    if (indent > 0) fmt::format_to(std::back_inserter(out), "\x1b[{}C", indent);
    for (std::uint32_t x = 0; x < small.width; ++x) {
      put_colour(out, "38", pixel(small, x, y), true_color);
      put_colour(out, "48", pixel(small, x, y + 1), true_color);
      out += "\xe2\x96\x80";
    }
    out += "\x1b[0m";
  }
  return out;
}

std::string sixel(const Picture& picture, Cells area, CellPixels cell) {
  const std::uint32_t room = std::max(1U, area.columns * cell.width);
  const std::uint32_t width = std::min(room, kSixelWidthMax);
  const std::uint32_t height = std::max(1U, area.rows * cell.height * width / room);
  const Picture sized = scaled(picture, width, height);
  std::string out = fmt::format("\x1bP0;1;0q\"1;1;{};{}", width, height);
  put_palette(out);
  for (std::uint32_t top = 0; top < height; top += kSixelRows) put_band(out, sized, top);
  return out + "\x1b\\";
}

std::string kitty(const Picture& picture, Cells area) {
  const std::string data = base64(picture.rgb.data(), picture.rgb.size());
  std::string out;
  for (std::size_t at = 0; at < data.size(); at += kKittyChunk) {
    const bool more = at + kKittyChunk < data.size();
    out += "\x1b_G";
    if (at == 0)
      out += fmt::format("a=T,f=24,s={},v={},c={},r={},i=1,p=1,C=1,q=2,", picture.width, picture.height, area.columns,
                         area.rows);
    out += fmt::format("m={};{}\x1b\\", more ? 1 : 0, std::string_view(data).substr(at, kKittyChunk));
  }
  return out;
}

std::string base64(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((size + 2) / 3 * 4);
  for (std::size_t at = 0; at < size; at += 3) {
    const std::size_t have = std::min<std::size_t>(3, size - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < have ? data[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= have ? kSigns[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

}  // namespace faceauth::enroll
