// Encoded pictures from memory to pixels. Dimensions are checked before anything of their size is allocated, and a
// picture that is not whole is refused: half a face must not become a template.
#pragma once

#include <faced/vision/image_header.h>

#include <faceauth/verdict.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <span>
#include <tl/expected.hpp>

namespace faceauth::vision {

struct PictureBounds {
  std::uint32_t side;
  std::uint64_t pixels;
};

// 8-bit BGR, or why not: unreadable or too_large.
using Picture = tl::expected<cv::Mat, FaceIssue>;

// JPEG, PNG, BMP, WebP (not animated) or PNM, told by content; turned upright as EXIF asks.
[[nodiscard]] Picture decode_picture(std::span<const std::uint8_t> file, const PictureBounds& bounds);

enum class JpegEnd { required, optional };  // some webcams leave out the end marker

[[nodiscard]] Picture decode_jpeg(std::span<const std::uint8_t> jpeg, const PictureBounds& bounds, JpegEnd end);

// One of any other kind, as large as its header says; the caller has held that against the bounds.
[[nodiscard]] Picture decode_still(std::span<const std::uint8_t> file, const PictureHeader& header);

// Decodes a small picture, so that no library opens or registers anything for the first time later.
void warm_up_decoders();

}  // namespace faceauth::vision
