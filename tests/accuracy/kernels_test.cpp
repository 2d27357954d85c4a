// Our kernels give dlib's encodings for the research photos' faces, however unlike each other these are.
#include <faced/vision/aligner.h>
#include <faced/vision/detector.h>
#include <faced/vision/dlib_encoder.h>
#include <faced/vision/image_file.h>
#include <faced/vision/light.h>
#include <faced/vision/source.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/accuracy/dataset.h>
#include <tests/support/built.h>
#include <tests/support/research_data.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <stop_token>

namespace faceauth::eval {
namespace {

namespace fs = std::filesystem;
using namespace vision;

constexpr double kRounding = 1e-5;
constexpr std::size_t kClipFrames = 300, kFramesApart = 15;

std::string value_of(const char* variable, const char* otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr && *given != '\0' ? given : otherwise;
}

std::vector<std::string> files_under(const std::string& root) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; at != end; at.increment(error))
    if (at->is_regular_file(error)) files.push_back(at->path());
  std::sort(files.begin(), files.end());
  return files;
}

// dlib and every set of instructions of this processor, each with its distance to dlib at worst.
class Comparison {
 public:
  Comparison() : Comparison(read_models(test::built::kModels, shipped_encoder()).value()) {}

  void add_file(const std::string& path) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!is_clip(path)) {
      if (const Picture picture = read_image(file.get())) add(*picture);
      return;
    }
    const std::stop_source never;
    const OpenedSource clip = open_clip(std::move(file), never.get_token());
    if (!clip) return;
    for (std::size_t i = 0; i < kClipFrames; ++i) {
      const Result<CapturedFrame> frame = (*clip)->next(Steady::clock::now() + std::chrono::seconds(10));
      if (!frame) return;
      if (i % kFramesApart == 0) add(frame->bgr);
    }
  }

  std::size_t faces = 0;
  std::array<double, 3> worst{};  // AVX-512, AVX2, SSE2

 private:
  explicit Comparison(const ModelFiles& files)
      : detector_(files.detect),
        aligner_(files.shape, files.landmark, shipped_encoder().input),
        dlib_(files.dlib, nullptr) {
    for (const Kernels* kernels : {avx512_kernels(), avx2_kernels(), sse2_kernels()})
      ours_.push_back(kernels == nullptr ? nullptr : std::make_unique<DlibEncoder>(files.dlib, kernels));
  }

  void add(const cv::Mat& bgr) {
    for (const Detection& face : detector_.find(brightener_.brighten(bgr))) {
      aligner_.align(bgr, face.box, face_);
      const cv::Mat& chip = face_.chip;
      if (chip.empty()) continue;
      ++faces;
      const auto right = dlib_.encode(chip);
      for (std::size_t i = 0; i < ours_.size(); ++i)
        if (ours_[i]) worst[i] = std::max(worst[i], distance(ours_[i]->encode(chip), right));
    }
  }

  static double distance(const std::array<float, kDlibDims>& a, const std::array<float, kDlibDims>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - double{b[i]}) * (double{a[i]} - double{b[i]});
    return std::isnan(sum) ? 2 : std::sqrt(sum);
  }

  Brightener brightener_;
  Detector detector_;
  Aligner aligner_;
  AlignedFace face_;
  DlibEncoder dlib_;
  std::vector<std::unique_ptr<DlibEncoder>> ours_;
};

// Of the research photos every 16th, or every FACEAUTH_DATA_STEP-th from
// number FACEAUTH_DATA_FIRST on: all of them take minutes.
TEST(Kernels, AgreeWithDlibOnTheResearchPhotos) {
  const std::string root = test::research_data();
  const std::vector<std::string> files = files_under(root);
  if (files.empty()) GTEST_SKIP() << "set FACEAUTH_DATA to a folder of photos to run this";
  const auto step = static_cast<std::size_t>(std::max(1, std::stoi(value_of("FACEAUTH_DATA_STEP", "16"))));
  Comparison comparison;
  for (auto i = static_cast<std::size_t>(std::stoi(value_of("FACEAUTH_DATA_FIRST", "0"))); i < files.size(); i += step)
    comparison.add_file(files[i]);
  std::printf("%zu faces; at most %.2g (AVX-512), %.2g (AVX2), %.2g (SSE2) from dlib\n", comparison.faces,
              comparison.worst[0], comparison.worst[1], comparison.worst[2]);
  EXPECT_GT(comparison.faces, 0U);
  for (const double worst : comparison.worst) EXPECT_LE(worst, kRounding);
}

}  // namespace
}  // namespace faceauth::eval
