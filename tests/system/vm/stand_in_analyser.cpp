// Stands in for the networks on a machine that is emulated, where they are some 200 times slower: tells pictures apart,
// not people. Linked in analyser.cpp's place; everything else is the real eye: the camera's driver, the decoders, the
// worker for each session, Landlock, the list of system calls.
#include <faced/vision/analyser.h>
#include <faced/vision/fingerprint.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

constexpr float kEmptyContrast = 12;  // standard deviation in grey levels; a wall has less, a person before it more
constexpr float kDlibLength = 1.4F;

// What is left of a grey picture at `width` x `height` when each point's surroundings are taken away, as a vector of
// `length`: near for two pictures of one scene, a right angle for two scenes.
template <std::size_t N>
void describe(const cv::Mat& grey, int width, int height, float length, std::array<float, N>& out) {
  cv::Mat small, floating, around;
  cv::resize(grey, small, {width, height}, 0, 0, cv::INTER_AREA);
  small.convertTo(floating, CV_32F);
  cv::blur(floating, around, {5, 5});
  const cv::Mat detail = floating - around;
  const double norm = cv::norm(detail);
  if (norm <= 0 || detail.total() != N) return;
  for (std::size_t i = 0; i < N; ++i)
    out[i] = static_cast<float>(detail.at<float>(static_cast<int>(i)) * length / norm);
}

float contrast(const cv::Mat& grey) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(grey, mean, deviation);
  return static_cast<float>(deviation[0]);
}

}  // namespace

struct Analyser::Parts {
  ModelNames names;
};

Analyser::Analyser(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Analyser::Analyser(Analyser&&) noexcept = default;
Analyser& Analyser::operator=(Analyser&&) noexcept = default;
Analyser::~Analyser() = default;

// The smallest model is read and held against its pin, as all of them would be.
Result<Analyser> Analyser::load(const std::string& models_directory, const Encoder& encoder) {
  const Result<ModelFile> file = read_model(models_directory, kLandmarkPin);
  if (!file) return tl::unexpected<Error>(file.error());
  const ModelNames names{"stand-in-dlib:0", encoder.name(), "stand-in-liveness:0", "stand-in-detector:0"};
  return Analyser(std::make_unique<Parts>(Parts{names}));
}

Sight Analyser::analyse(const cv::Mat& bgr, const Wants& wants) {
  Sight sight;
  if (bgr.empty() || bgr.type() != CV_8UC3) return sight;
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  if (contrast(grey) < kEmptyContrast) return sight;
  sight.issue = FaceIssue::none;
  sight.faces = 1;
  sight.box = {200, 100, 180, 200};
  sight.quality = {200, 400, 120, 0, 0, 0};
  sight.liveness_measured = wants.liveness;
  sight.liveness = sight.liveness_near = wants.liveness ? 0.9F : 0.0F;
  sight.surroundings = 1;
  sight.eyes_open = 1;
  sight.fingerprint = fingerprint(bgr);
  sight.encoded = wants.encode;
  if (!wants.encode) return sight;
  describe(grey, 16, 8, kDlibLength, sight.encodings.dlib);
  describe(grey, 32, 16, 1.0F, sight.encodings.feature);
  return sight;
}

void Analyser::find(const cv::Mat& bgr, const Wants& wants, Found& found) { found.sight = analyse(bgr, wants); }

void Analyser::rehearse(const Wants& /*wants*/) {}

Sight Analyser::measure(const cv::Mat& /*bgr*/, const Found& found, const Wants& /*wants*/) { return found.sight; }

const ModelNames& Analyser::models() const { return parts_->names; }

}  // namespace faceauth::vision
