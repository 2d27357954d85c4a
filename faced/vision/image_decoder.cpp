#include <faced/vision/image_decoder.h>
#include <faced/vision/image_header.h>

#include <opencv2/imgcodecs.hpp>

namespace faceauth::vision {

Picture decode_picture(std::span<const std::uint8_t> file, const PictureBounds& bounds) {
  const std::optional<PictureHeader> header = read_picture_header(file);
  if (!header) return tl::unexpected(FaceIssue::unreadable);
  if (header->kind == PictureKind::jpeg) return decode_jpeg(file, bounds, JpegEnd::required);
  // Each side first: their product must not wrap.
  if (header->width > bounds.side || header->height > bounds.side || header->width * header->height > bounds.pixels)
    return tl::unexpected(FaceIssue::too_large);

  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, const_cast<std::uint8_t*>(file.data()));
  cv::Mat bgr = cv::imdecode(bytes, cv::IMREAD_COLOR);
  if (bgr.empty() || bgr.type() != CV_8UC3) return tl::unexpected(FaceIssue::unreadable);
  return bgr;
}

void warm_up_decoders() {
  const cv::Mat grey(16, 16, CV_8UC3, cv::Scalar::all(128));
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".ppm"}) {
    std::vector<std::uint8_t> file;
    if (cv::imencode(kind, grey, file)) (void)decode_picture(file, {16, 256});
  }
}

}  // namespace faceauth::vision
