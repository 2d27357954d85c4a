#include <faced/vision/image_decoder.h>
#include <faced/vision/image_header.h>

#include <string>

namespace faceauth::vision {

Picture decode_picture(std::span<const std::uint8_t> file, const PictureBounds& bounds) {
  const std::optional<PictureHeader> header = read_picture_header(file);
  if (!header) return tl::unexpected(FaceIssue::unreadable);
  if (header->kind == PictureKind::jpeg) return decode_jpeg(file, bounds, JpegEnd::required);
  // Each side first: their product must not wrap.
  if (header->width > bounds.side || header->height > bounds.side || header->width * header->height > bounds.pixels)
    return tl::unexpected(FaceIssue::too_large);

  return decode_still(file, *header);
}

void warm_up_decoders() {
  std::string grey = "P6 16 16 255\n";
  grey.resize(grey.size() + std::size_t{3} * 16 * 16, '\x80');
  (void)decode_picture({reinterpret_cast<const std::uint8_t*>(grey.data()), grey.size()}, {16, 256});
}

}  // namespace faceauth::vision
