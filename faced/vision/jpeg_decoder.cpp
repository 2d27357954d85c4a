#include <faced/vision/exif.h>
#include <faced/vision/image_decoder.h>

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it and does not include it

#include <jerror.h>
#include <jpeglib.h>

namespace faceauth::vision {
namespace {

// A progressive file may repeat its coefficients in thousands of scans; honest ones have about ten.
constexpr int kScansMax = 100;

// libjpeg reports errors by not returning from error_exit, so each entry point below sets a jump target and holds no
// object with a destructor.
// NOLINTBEGIN(cert-err52-cpp)
class JpegReader {
 public:
  explicit JpegReader(JpegEnd end) : end_(end) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { std::longjmp(self(info).jump_, 1); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) self(info).note(info->err->msg_code);
    };
    errors_.output_message = [](j_common_ptr) {};
    info_.client_data = this;
    progress_.progress_monitor = [](j_common_ptr info) {
      if (self(info).info_.input_scan_number > kScansMax) std::longjmp(self(info).jump_, 1);
    };
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info_); }

  bool read_header(std::span<const std::uint8_t> jpeg) {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.client_data = this;
    info_.progress = &progress_;
    jpeg_mem_src(&info_, jpeg.data(), jpeg.size());
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
    return jpeg_read_header(&info_, TRUE) == JPEG_HEADER_OK;
  }

  bool read_pixels(cv::Mat& bgr) {
    if (setjmp(jump_) != 0) return false;
    info_.out_color_space = JCS_EXT_BGR;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = bgr.ptr(static_cast<int>(info_.output_scanline));
      if (jpeg_read_scanlines(&info_, &row, 1) != 1 || damaged_) return false;
    }
    if (end_ == JpegEnd::required) jpeg_finish_decompress(&info_);
    return !damaged_;
  }

  [[nodiscard]] std::uint32_t width() const { return info_.image_width; }
  [[nodiscard]] std::uint32_t height() const { return info_.image_height; }
  [[nodiscard]] int orientation() const {
    for (jpeg_saved_marker_ptr m = info_.marker_list; m != nullptr; m = m->next) {
      const int found = exif_orientation(std::span(m->data, m->data_length));
      if (found != 1) return found;
    }
    return 1;
  }

 private:
  static JpegReader& self(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }

  // libjpeg goes on after these with grey in place of what is missing.
  void note(int code) {
    if (code == JWRN_HIT_MARKER || (code == JWRN_JPEG_EOF && end_ == JpegEnd::required)) damaged_ = true;
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  JpegEnd end_;
  bool damaged_ = false;
};
// NOLINTEND(cert-err52-cpp)

}  // namespace

Picture decode_jpeg(std::span<const std::uint8_t> jpeg, const PictureBounds& bounds, JpegEnd end) {
  JpegReader reader(end);
  if (!reader.read_header(jpeg)) return tl::unexpected(FaceIssue::unreadable);
  const std::uint32_t width = reader.width(), height = reader.height();
  if (width > bounds.side || height > bounds.side || std::uint64_t{width} * height > bounds.pixels)
    return tl::unexpected(FaceIssue::too_large);
  const int orientation = reader.orientation();  // libjpeg forgets the markers when it finishes
  cv::Mat bgr(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  if (!reader.read_pixels(bgr)) return tl::unexpected(FaceIssue::unreadable);
  return upright(bgr, orientation);
}

}  // namespace faceauth::vision
