// Picture files from people who may mean no good: header, EXIF, and the whole way to pixels.
#include "fuzz.h"

#include <faced/vision/exif.h>
#include <faced/vision/image_decoder.h>
#include <faced/vision/image_header.h>

#include <faceauth/limits.h>

#include <span>

using namespace faceauth;
using namespace faceauth::vision;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> file(data, size);
  const int orientation = exif_orientation(file);
  fuzz::must(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
  const auto header = read_picture_header(file);
  // Small bounds: what is tried is the parsing, and a large picture is only slow.
  const PictureBounds bounds{512, 512 * 512};
  const Picture picture = decode_picture(file, bounds);
  if (!picture) return 0;
  fuzz::must(header.has_value(), "what has no header is no picture");
  fuzz::must(!picture->empty() && picture->type() == CV_8UC3, "a picture has pixels, in colour");
  fuzz::must(static_cast<std::uint32_t>(picture->cols) <= bounds.side &&
                 static_cast<std::uint32_t>(picture->rows) <= bounds.side,
             "a picture keeps within its bounds");
  return 0;
}
