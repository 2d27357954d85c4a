// The ONNX networks on our kernels against OpenCV, for every set of instructions that this processor has.
#include <faced/vision/aligner.h>
#include <faced/vision/detector.h>
#include <faced/vision/network.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <ostream>
#include <random>
#include <vector>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

constexpr double kRounding = 1e-4;  // of the length of what is compared

struct Instructions {
  const char* name;
  const Kernels* (*kernels)();
};
std::ostream& operator<<(std::ostream& out, const Instructions& one) { return out << one.name; }

struct Net {
  const char* name;
  ModelPin pin;
  NetInput input;
};
std::ostream& operator<<(std::ostream& out, const Net& one) { return out << one.name; }

const std::vector<Net>& nets() {
  static const std::vector<Net> all{
      {"feature", {}, {3, 112, 112, true, {127, 127, 127}, {1.0F / 128, 1.0F / 128, 1.0F / 128}}},
      {"unlike", {}, {3, 112, 112, true, {120, 127, 130}, {1.0F / 128, 1.0F / 120, 1.0F / 140}}},
      {"liveness", kLivenessPin, {3, 128, 128}},
      {"landmark", kLandmarkPin, {1, 64, 64, false, {}, {1.0F / 256}}},
      {"eye", kEyePin, {1, 24, 24, false, {}, {1.0F / 255}}}};
  return all;
}

ModelFile model_of(const Net& net) {
  if (!net.pin.file.empty()) return read_model(test::built::kModels, net.pin).value();
  return read_encoder(test::built::kModels, shipped_encoder()).value();
}

// Every face of the fetched photos, and what is none.
std::vector<cv::Mat> pictures(const NetInput& input) {
  static const std::vector<cv::Mat> faces = [] {
    const ModelFiles files = read_models(test::built::kModels, shipped_encoder()).value();
    Detector detector(files.detect);
    std::vector<cv::Mat> found;
    for (const char* name : {"sample1.jpg", "sample3.jpg", "sample5.jpg"})
      for (const cv::Mat picture = photo(name); const Detection& face : detector.find(picture))
        found.push_back(picture(cv::Rect(face.box) & cv::Rect(cv::Point(), picture.size())).clone());
    cv::Mat noise(100, 100, CV_8UC3);
    cv::randu(noise, 0, 256);
    found.push_back(noise);
    found.emplace_back(100, 100, CV_8UC3, cv::Scalar(0, 0, 0));
    found.emplace_back(100, 100, CV_8UC3, cv::Scalar(255, 255, 255));
    return found;
  }();
  std::vector<cv::Mat> sized;
  for (const cv::Mat& face : faces) {
    cv::Mat one;
    cv::resize(face, one, {input.width, input.height}, 0, 0, cv::INTER_AREA);
    if (input.channels == 1) cv::cvtColor(one, one, cv::COLOR_BGR2GRAY);
    sized.push_back(one);
  }
  return sized;
}

// Relative to the length of `right`; 2 for what is no number.
double difference(const std::vector<float>& ours, const std::vector<float>& right) {
  if (ours.size() != right.size()) return 2;
  const double apart = cv::norm(ours, right) / cv::norm(right);
  return std::isfinite(apart) ? apart : 2;
}

class NetworkOn : public testing::TestWithParam<std::tuple<Instructions, Net>> {
 protected:
  void SetUp() override {
    kernels = std::get<0>(GetParam()).kernels();
    if (kernels == nullptr) GTEST_SKIP() << "this processor has no " << std::get<0>(GetParam()).name;
  }
  const Kernels* kernels = nullptr;
  const Net& net = std::get<1>(GetParam());
};

TEST_P(NetworkOn, GivesWhatOpenCvGives) {
  const ModelFile model = model_of(net);
  Network ours(model, net.input, kernels), reference(model, net.input, nullptr);
  ASSERT_TRUE(ours.on_kernels());
  ASSERT_FALSE(reference.on_kernels());
  const std::vector<cv::Mat> all = pictures(net.input);
  ASSERT_GT(all.size(), 10U);
  double worst = 0;
  for (const cv::Mat& picture : all) worst = std::max(worst, difference(ours.run(picture), reference.run(picture)));
  EXPECT_LE(worst, kRounding);
  RecordProperty("worst", std::to_string(worst));
}

TEST_P(NetworkOn, RemembersNothingOfThePictureBefore) {
  Network ours(model_of(net), net.input, kernels);
  const std::vector<cv::Mat> all = pictures(net.input);
  const std::vector<float> first = ours.run(all[0]), other = ours.run(all[1]);
  EXPECT_EQ(ours.run(all[0]), first);
  EXPECT_GT(difference(other, first), 1e-3) << "that the comparison can tell pictures apart";
}

TEST_P(NetworkOn, TakesAPartOfALargerPicture) {
  Network ours(model_of(net), net.input, kernels);
  const cv::Mat alone = pictures(net.input)[0];
  cv::Mat larger(alone.rows + 50, alone.cols + 70, alone.type(), cv::Scalar(1, 2, 3));
  const cv::Mat part = larger(cv::Rect(31, 17, alone.cols, alone.rows));
  alone.copyTo(part);
  const std::vector<float> right = ours.run(alone);
  EXPECT_EQ(ours.run(part), right);
}

TEST_P(NetworkOn, RefusesAPictureOfAnotherSize) {
  Network ours(model_of(net), net.input, kernels);
  const int type = CV_8UC(net.input.channels), other = CV_8UC(4 - net.input.channels);
  EXPECT_THROW((void)ours.run(cv::Mat(net.input.height - 1, net.input.width, type, cv::Scalar())),
               std::invalid_argument);
  EXPECT_THROW((void)ours.run(cv::Mat(net.input.height, net.input.width, other, cv::Scalar())), std::invalid_argument);
  EXPECT_THROW((void)ours.run(cv::Mat()), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(
    EveryProcessor, NetworkOn,
    testing::Combine(testing::Values(Instructions{"AVX512", avx512_kernels}, Instructions{"AVX2", avx2_kernels},
                                     Instructions{"SSE2", sse2_kernels}),
                     testing::ValuesIn(nets())),
    [](const auto& one) { return std::string(std::get<0>(one.param).name) + "_" + std::get<1>(one.param).name; });

TEST(Network, RefusesAFileThatIsNoNetwork) {
  const Net& net = nets()[2];
  const std::string whole = model_of(net).bytes;
  for (const Kernels* kernels : {best_kernels(), static_cast<const Kernels*>(nullptr)}) {
    EXPECT_THROW(Network({"no network", "other"}, net.input, kernels), std::exception);
    EXPECT_THROW(Network({whole.substr(0, whole.size() / 2), "cut"}, net.input, kernels), std::exception);
  }
}

// A layer that a ConvNet does not know: OpenCV runs the network instead.
TEST(Network, LeavesToOpenCvWhatItDoesNotKnow) {
  if (best_kernels() == nullptr) GTEST_SKIP() << "no kernels for this processor";
  const Net& net = nets()[3];
  ModelFile model = model_of(net);
  const std::size_t at = model.bytes.find("\x22\x04Relu");
  ASSERT_NE(at, std::string::npos);
  model.bytes.replace(at, 6, "\x22\x04Sqrt");
  EXPECT_FALSE(Network(model, net.input, best_kernels()).on_kernels());
}

// Whatever a file says of its lengths and shapes: it is refused, or a network that runs within its memory.
TEST(Network, SurvivesBrokenFiles) {
  if (best_kernels() == nullptr) GTEST_SKIP() << "no kernels for this processor";
  const Net& net = nets()[4];
  const std::string good = model_of(net).bytes;
  const cv::Mat picture(net.input.height, net.input.width, CV_8UC1, cv::Scalar(100));
  const auto runs = [&](const std::string& bytes) {
    const std::optional<OnnxGraph> graph = read_onnx(bytes);
    const std::unique_ptr<ConvNet> made =
        graph ? ConvNet::make(*graph, net.input, graph->outputs, *best_kernels()) : nullptr;
    if (made) made->run(picture.data, picture.step[0]);
    return made != nullptr;
  };
  ASSERT_TRUE(runs(good));
  for (std::size_t size = 0; size < good.size(); size += good.size() / 60) EXPECT_FALSE(runs(good.substr(0, size)));
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::string bad = good;
    // Most of the file are weights, where a change only changes numbers: half of them go where nodes are described.
    const std::size_t among = i % 2 == 0 ? bad.size() : 6000;
    for (int n = 0; n < 3; ++n) bad[random() % among] = static_cast<char>(random());
    refused += runs(bad) ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace faceauth::vision
