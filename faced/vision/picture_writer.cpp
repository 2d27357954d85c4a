#include <faced/vision/picture_writer.h>

#include <faceauth/picture.h>

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

cv::Size size_for(const cv::Mat& source) {
  const double shrink = std::min(1.0, double{picture::kSideMax} / std::max(source.cols, source.rows));
  return {std::max(1, static_cast<int>(source.cols * shrink)), std::max(1, static_cast<int>(source.rows * shrink))};
}

}  // namespace

PictureWriter::PictureWriter(const Fd& memory) {
  if (!memory.valid()) return;
  void* at = ::mmap(nullptr, picture::kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
  if (at != MAP_FAILED) memory_ = static_cast<std::uint8_t*>(at);
}

PictureWriter::~PictureWriter() {
  if (memory_ != nullptr) ::munmap(memory_, picture::kBytes);
}

void PictureWriter::show(const cv::Mat& bgr) {
  if (memory_ == nullptr || bgr.empty() || bgr.type() != CV_8UC3) return;
  cv::Mat small;
  cv::resize(bgr, small, size_for(bgr), 0, 0, cv::INTER_AREA);
  auto* header = reinterpret_cast<picture::Header*>(memory_);
  std::atomic_ref<std::uint32_t> stamp(header->stamp);
  stamp.fetch_add(1, std::memory_order_acq_rel);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  header->width = static_cast<std::uint32_t>(small.cols);
  header->height = static_cast<std::uint32_t>(small.rows);
  header->source_width = static_cast<std::uint32_t>(bgr.cols);
  header->source_height = static_cast<std::uint32_t>(bgr.rows);
  cv::Mat out(small.size(), CV_8UC3, memory_ + picture::kPixelsAt);
  cv::cvtColor(small, out, cv::COLOR_BGR2RGB);
  stamp.fetch_add(1, std::memory_order_release);
}

}  // namespace faceauth::vision
