#include <faced/vision/aligner.h>
#include <faced/vision/analyser.h>
#include <faced/vision/detector.h>
#include <faced/vision/dlib_encoder.h>
#include <faced/vision/eye_state.h>
#include <faced/vision/feature_encoder.h>
#include <faced/vision/fingerprint.h>
#include <faced/vision/light.h>
#include <faced/vision/liveness.h>
#include <faced/vision/quality.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <opencv2/core/ocl.hpp>
#include <optional>
#include <utility>

namespace faceauth::vision {
namespace {

// A second face this tall, relative to the largest, makes it unclear who is meant.
constexpr float kSecondFaceHeight = 0.5F;
constexpr float kSecondFaceScore = 0.8F;  // below, the detector mostly sees folds of cloth and hands

// Detections that turn out to be no faces are passed over, so many at most.
constexpr std::size_t kCandidatesMax = 3;

bool has_rival(const std::vector<Detection>& faces, std::size_t subject) {
  const float tall = kSecondFaceHeight * faces[subject].box.height;
  for (std::size_t i = 0; i < faces.size(); ++i)
    if (i != subject && faces[i].box.height >= tall && faces[i].score >= kSecondFaceScore) return true;
  return false;
}

bool all_finite(const Sight& s) {
  const auto finite = [](float v) { return std::isfinite(v); };
  const Quality& q = s.quality;
  const std::array quality = {q.face_height_px, q.sharpness, q.brightness, q.yaw_deg, q.pitch_deg, q.roll_deg};
  return std::all_of(s.box.begin(), s.box.end(), finite) && std::all_of(quality.begin(), quality.end(), finite) &&
         finite(s.liveness) && finite(s.liveness_near) && finite(s.surroundings) && finite(s.eyes_open) &&
         std::all_of(s.eyes.begin(), s.eyes.end(), finite) &&
         std::all_of(s.encodings.dlib.begin(), s.encodings.dlib.end(), finite) &&
         std::all_of(s.encodings.feature.begin(), s.encodings.feature.end(), finite);
}

Sight refused(FaceIssue issue) {
  Sight sight;
  sight.issue = issue;
  return sight;
}

}  // namespace

struct Analyser::Parts {
  Parts(const ModelFiles& files, const Encoder& encoder)
      : names{files.dlib.name, files.feature.name, files.liveness.name, files.detect.name},
        detector(files.detect),
        aligner(files.shape, files.landmark, encoder.input),
        dlib(files.dlib),
        feature(files.feature, encoder),
        liveness(files.liveness),
        eyes(files.eye) {}

  std::optional<std::size_t> largest_face(const cv::Mat& bgr, const std::vector<Detection>& faces, AlignedFace& face);
  void find(const cv::Mat& bgr, const Wants& wants, Found& found);
  Sight measure(const cv::Mat& bgr, const Found& found, const Wants& wants);
  void warm_up();
  void release_scratch();

  ModelNames names;
  // find() uses these,
  Brightener brightener;
  Detector detector;
  Aligner aligner;
  // measure() those: they may run at the same time.
  DlibEncoder dlib;
  FeatureEncoder feature;
  Liveness liveness;
  EyeState eyes;

  Found alone;      // of analyse()
  Found rehearsed;  // of nobody: pictures of the sizes that measure() wants
};

// Its place in the detector's list.
std::optional<std::size_t> Analyser::Parts::largest_face(const cv::Mat& bgr, const std::vector<Detection>& faces,
                                                         AlignedFace& face) {
  for (std::size_t i = 0; i < std::min(faces.size(), kCandidatesMax); ++i) {
    aligner.align(bgr, faces[i].box, face);
    if (face.plausible) return i;
  }
  return std::nullopt;
}

void Analyser::Parts::find(const cv::Mat& bgr, const Wants& wants, Found& found) {
  const std::vector<Detection>& faces = detector.find(brightener.brighten(bgr));
  const AlignedFace& face = found.face;
  const std::optional<std::size_t> subject = largest_face(bgr, faces, found.face);
  Sight& sight = found.sight;
  sight = refused(FaceIssue::no_face);
  found.complete = true;
  if (!subject) return;

  found.box = faces[*subject].box;
  sight.faces = static_cast<std::uint8_t>(std::min<std::size_t>(faces.size(), 255));
  sight.issue = has_rival(faces, *subject) ? FaceIssue::several_faces : FaceIssue::none;
  sight.box = {face.box.x, face.box.y, face.box.width, face.box.height};
  const cv::Point2f between = (face.points[0] + face.points[1]) / 2;
  sight.eyes = {between.x, between.y};
  sight.quality = measure_quality(bgr, face);
  found.complete = sight.issue != FaceIssue::none && !wants.largest_only;
}

Sight Analyser::Parts::measure(const cv::Mat& bgr, const Found& found, const Wants& wants) {
  Sight sight = found.sight;
  const AlignedFace& face = found.face;
  if (wants.liveness) {
    const LiveLook look = liveness.measure(bgr, found.box);
    sight.liveness = look.wide;
    sight.liveness_near = look.near;
    sight.surroundings = look.surroundings;
    sight.liveness_measured = true;
    sight.eyes_open = eyes.openness(bgr, face.mesh);
    sight.fingerprint = fingerprint(bgr);
  }
  if (wants.encode) {
    sight.encodings.dlib = dlib.encode(face.chip);
    sight.encodings.feature = feature.encode(face.feature);
    sight.encoded = true;
  }
  return sight;
}

void Analyser::Parts::warm_up() {
  cv::Mat noise(480, 640, CV_8UC3);
  cv::randu(noise, 0, 255);
  (void)detector.find(noise);
  const cv::Rect2f somewhere(260, 160, 120, 150);
  aligner.align(noise, somewhere, rehearsed.face);
  rehearsed.box = somewhere;
  (void)measure(noise, rehearsed, Wants{true, true});
}

void Analyser::Parts::release_scratch() {
  brightener = {};
  alone = {};
  detector.release_scratch();
  aligner.release_scratch();
  dlib.release_scratch();
  feature.release_scratch();
  liveness.release_scratch();
  eyes.release_scratch();
}

Analyser::Analyser(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Analyser::Analyser(Analyser&&) noexcept = default;
Analyser& Analyser::operator=(Analyser&&) noexcept = default;
Analyser::~Analyser() = default;

Result<Analyser> Analyser::load(const std::string& models_directory, const Encoder& encoder) {
  cv::ocl::setUseOpenCL(false);
  cv::setNumThreads(1);
  const Result<ModelFiles> files = read_models(models_directory, encoder);
  if (!files) return tl::unexpected<Error>(files.error());
  try {
    auto parts = std::make_unique<Parts>(*files, encoder);
    parts->warm_up();
    parts->release_scratch();
    return Analyser(std::move(parts));
  } catch (const std::exception& e) {
    return fail(Errc::corrupt, std::string("a verified model does not load in these libraries: ") + e.what());
  }
}

Sight Analyser::analyse(const cv::Mat& bgr, const Wants& wants) {
  find(bgr, wants, parts_->alone);
  return measure(bgr, parts_->alone, wants);
}

void Analyser::find(const cv::Mat& bgr, const Wants& wants, Found& found) {
  try {
    if (!bgr.empty() && bgr.type() == CV_8UC3) return parts_->find(bgr, wants, found);
  } catch (const std::exception&) {
    // What was found until then is worth nothing.
  }
  found.sight = refused(FaceIssue::unreadable);
  found.complete = true;
}

void Analyser::rehearse(const Wants& wants) {
  try {
    (void)parts_->measure(cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(128)), parts_->rehearsed, wants);
  } catch (const std::exception&) {
    // What fails here fails again for a frame, where it is told.
  }
}

Sight Analyser::measure(const cv::Mat& bgr, const Found& found, const Wants& wants) {
  try {
    const Sight sight = found.complete ? found.sight : parts_->measure(bgr, found, wants);
    return all_finite(sight) ? sight : refused(FaceIssue::unreadable);
  } catch (const std::exception&) {
    return refused(FaceIssue::unreadable);
  }
}

const ModelNames& Analyser::models() const { return parts_->names; }

}  // namespace faceauth::vision
