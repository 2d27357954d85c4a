#include <faced/vision/image_file.h>
#include <faced/vision/source.h>

#include <time.h>
#include <optional>
#include <utility>

namespace faceauth::vision {
namespace {

constexpr std::size_t kKeptBytesMax = 64u << 20;  // decoded stills are kept up to this much, the rest decoded anew

class StillsSource final : public FrameSource {
 public:
  explicit StillsSource(std::vector<Fd> files) : files_(std::move(files)), kept_(files_.size()) {}

  Result<CapturedFrame> next(Steady /*deadline*/) override {
    const std::size_t at = next_;
    next_ = (next_ + 1) % files_.size();
    if (!kept_[at].empty()) return CapturedFrame{kept_[at].clone(), monotonic_ns()};
    Picture picture = read_image(files_[at].get());
    if (!picture)
      return fail(Errc::camera_unavailable,
                  "replay picture number " + std::to_string(at + 1) + " is " + face_issue_name(picture.error()));
    const std::size_t size = picture->total() * picture->elemSize();
    if (kept_bytes_ + size <= kKeptBytesMax) {
      kept_bytes_ += size;
      kept_[at] = picture->clone();
    }
    return CapturedFrame{*std::move(picture), monotonic_ns()};
  }

 private:
  std::vector<Fd> files_;
  std::vector<cv::Mat> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

OpenedSource open_stills(std::vector<Fd> files) {
  if (files.empty()) return fail(Errc::camera_unavailable, "no replay pictures were given");
  return std::make_unique<StillsSource>(std::move(files));
}

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace faceauth::vision
