#include <faced/vision/capture.h>
#include <faced/vision/confine.h>
#include <faced/vision/find_ahead.h>
#include <faced/vision/image_file.h>
#include <faced/vision/picture_writer.h>
#include <faced/vision/strobe.h>
#include <faced/vision/worker.h>

#include <faceauth/limits.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFramePatience{50};  // then the frame is dropped: the next one is newer anyway
constexpr milliseconds kAnswerPatience{limits::kEyePingMs};

eye::CameraFailed camera_failed(const Error& error) {
  eye::CameraFailed failed;
  failed.code = error.code;
  std::copy_n(error.message.begin(), std::min(error.message.size(), failed.reason.size() - 1), failed.reason.begin());
  return failed;
}

}  // namespace

Result<void> watch_camera(const Link& keeper, Analyser& analyser, const eye::OpenCamera& wanted,
                          std::vector<Fd> files) {
  Fd pictures;
  if (wanted.show && !files.empty()) {
    pictures = std::move(files.back());
    files.pop_back();
  }
  PictureWriter shown(pictures);
  Mailbox mailbox;
  Capture capture(wanted, std::move(files), mailbox);
  const Wants wants{wanted.encode, wanted.measure_liveness};
  FindAhead finder(analyser, wants, mailbox);
  if (Result<void> locked = lock_worker(); !locked) return locked;
  capture.begin();
  finder.begin();
  analyser.rehearse(wants);  // beside the first frame's way through the camera and the finder
  for (;;) {
    const Result<const FoundFrame*> next = finder.next();
    if (!next) {
      (void)keeper.send(eye::Type::camera_failed, camera_failed(next.error()), kAnswerPatience);
      return {};
    }
    const auto& [frame, found] = **next;
    eye::Frame seen{frame.sequence, frame.captured_ns, analyser.measure(frame.bgr, found, wants)};
    const auto& [x, y, width, height] = seen.sight.box;
    seen.sight.emitter = emitter_share(frame.bgr, frame.unlit, {x, y, width, height});
    shown.show(frame.bgr);
    (void)keeper.send(eye::Type::frame, seen, kFramePatience);
  }
}

Result<void> examine_photo(const Link& keeper, Analyser& analyser, const eye::EncodeImage& wanted, const Fd& file) {
  if (Result<void> locked = lock_worker(); !locked) return locked;
  eye::Image answer;
  const Picture picture = read_image(file.get());
  if (picture)
    answer.sight = analyser.analyse(*picture, Wants{true, wanted.measure_liveness});
  else
    answer.sight.issue = picture.error();
  (void)keeper.send(eye::Type::image, answer, kAnswerPatience);
  return {};
}

}  // namespace faceauth::vision
