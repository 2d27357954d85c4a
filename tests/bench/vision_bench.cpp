// The eye's share: each part alone and a whole frame, one thread, on a 640x480 view of a real face.
#include "../daemon/support/photos.h"
#include "fma.h"

#include <benchmark/benchmark.h>
#include <faced/vision/aligner.h>
#include <faced/vision/analyser.h>
#include <faced/vision/detector.h>
#include <faced/vision/dlib_encoder.h>
#include <faced/vision/feature_encoder.h>
#include <faced/vision/light.h>
#include <faced/vision/liveness.h>
#include <faced/vision/quality.h>
#include <tests/support/built.h>

#include <memory>

namespace faceauth::vision {
namespace {

// Everything loaded once for all benchmarks; null when `./dev setup` has not run.
struct Bed {
  explicit Bed(const ModelFiles& files)
      : detector(files.detect),
        aligner(files.shape, files.landmark, shipped_encoder().input),
        dlib(files.dlib),
        dlib_itself(files.dlib, nullptr),
        feature(files.feature, shipped_encoder()),
        liveness(files.liveness) {}
  Brightener brightener;
  Detector detector;
  Aligner aligner;
  DlibEncoder dlib, dlib_itself;
  FeatureEncoder feature;
  Liveness liveness;
  cv::Mat frame, empty;
  cv::Rect2f box;
  AlignedFace face;
};

Bed* bed() {
  static const std::unique_ptr<Bed> shared = [] {
    cv::setNumThreads(1);
    std::unique_ptr<Bed> made;
    const Result<ModelFiles> files = read_models(test::built::kModels, shipped_encoder());
    const cv::Mat photo = cv::imread(test::kOtherPhoto);
    if (!files || photo.empty()) return made;
    made = std::make_unique<Bed>(*files);
    cv::resize(photo(test::kOwnerLogsIn), made->frame, {640, 480}, 0, 0, cv::INTER_AREA);
    made->empty = cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 100, 110));
    const std::vector<Detection>& found = made->detector.find(made->frame);
    if (found.empty()) return std::unique_ptr<Bed>();
    made->box = found.front().box;
    made->aligner.align(made->frame, made->box, made->face);
    return made;
  }();
  return shared.get();
}

template <class Step>
void measure(benchmark::State& state, Step step) {
  Bed* b = bed();
  if (b == nullptr) return state.SkipWithError("no models or photos: run ./dev setup");
  for (auto _ : state) step(*b);
}

void encode_dlib(benchmark::State& state) {
  if (best_kernels() != nullptr) state.SetLabel(best_kernels()->name);
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.dlib.encode(b.face.chip)); });
}
void encode_dlib_reference(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.dlib_itself.encode(b.face.chip)); });
}
// What processors without the newest instructions run.
void encode_dlib_older(benchmark::State& state, const Kernels* kernels) {
  if (kernels == nullptr) return state.SkipWithError("not on this processor");
  const Result<ModelFile> file = read_model(test::built::kModels, kDlibPin);
  if (!file) return state.SkipWithError("no models: run ./dev setup");
  DlibEncoder encoder(*file, kernels);
  measure(state, [&encoder](Bed& b) { benchmark::DoNotOptimize(encoder.encode(b.face.chip)); });
}
void encode_feature(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.feature.encode(b.face.feature)); });
}
void detect(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.detector.find(b.frame)); });
}
void liveness(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.liveness.measure(b.frame, b.box)); });
}
// The time in which this processor multiplies and adds as often as dlib's network does: nothing exact is faster.
void fma_floor(benchmark::State& state) {
  constexpr std::int64_t kDlibSums = 270'850'000;
  for (auto _ : state) benchmark::DoNotOptimize(multiply_and_add(kDlibSums));
}
void stage_light(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(b.brightener.brighten(b.frame)); });
}
void stage_align(benchmark::State& state) {
  measure(state, [](Bed& b) { b.aligner.align(b.frame, b.box, b.face); });
}
void stage_quality(benchmark::State& state) {
  measure(state, [](Bed& b) { benchmark::DoNotOptimize(measure_quality(b.frame, b.face)); });
}
BENCHMARK(fma_floor)->Unit(benchmark::kMillisecond);
BENCHMARK(encode_dlib)->Unit(benchmark::kMillisecond);
BENCHMARK(encode_dlib_reference)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_dlib_older, avx2, avx2_kernels())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_dlib_older, sse2, sse2_kernels())->Unit(benchmark::kMillisecond);
BENCHMARK(encode_feature)->Unit(benchmark::kMillisecond);
BENCHMARK(detect)->Unit(benchmark::kMillisecond);
BENCHMARK(liveness)->Unit(benchmark::kMillisecond);
BENCHMARK(stage_light)->Name("stage/light")->Unit(benchmark::kMillisecond);
BENCHMARK(stage_align)->Name("stage/align")->Unit(benchmark::kMillisecond);
BENCHMARK(stage_quality)->Name("stage/quality")->Unit(benchmark::kMillisecond);

// A frame as the eye treats it, everything on.
void vision_frame(benchmark::State& state, bool with_face) {
  Bed* b = bed();
  if (b == nullptr) return state.SkipWithError("no models or photos: run ./dev setup");
  Result<Analyser> analyser = Analyser::load(test::built::kModels);
  if (!analyser) return state.SkipWithError("the models do not load");
  const Wants everything{true, true};
  for (auto _ : state) benchmark::DoNotOptimize(analyser->analyse(with_face ? b->frame : b->empty, everything));
}
BENCHMARK_CAPTURE(vision_frame, face, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(vision_frame, empty, false)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace faceauth::vision

BENCHMARK_MAIN();
