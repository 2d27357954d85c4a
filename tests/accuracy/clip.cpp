#include <faced/util/fd.h>
#include <faced/vision/source.h>
#include <tests/accuracy/clip.h>

#include <fcntl.h>

#include <chrono>
#include <stop_token>

namespace faceauth::eval {

Result<void> for_each_frame(const std::string& clip, const std::function<bool(const cv::Mat& bgr)>& see) {
  const std::stop_source never;
  vision::OpenedSource source = vision::open_clip(Fd(::open(clip.c_str(), O_RDONLY | O_CLOEXEC)), never.get_token());
  if (!source) return fail(std::move(source));
  for (;;) {
    const Result<vision::CapturedFrame> frame =
        (*source)->next(std::chrono::steady_clock::now() + std::chrono::seconds(1));
    if (!frame || !see(frame->bgr)) return {};
  }
}

}  // namespace faceauth::eval
