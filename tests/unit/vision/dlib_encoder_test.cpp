// dlib's network on our kernels against dlib itself, for every set of instructions that this processor has.
#include <faced/vision/aligner.h>
#include <faced/vision/detector.h>
#include <faced/vision/dlib_encoder.h>
#include <faced/vision/dlib_network.h>
#include <faced/vision/face_net.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <tests/support/built.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using Encoding = std::array<float, kDlibDims>;

constexpr double kRounding = 1e-5;

const ModelFile& model() {
  static const ModelFile file = read_model(test::built::kModels, kDlibPin).value();
  return file;
}

DlibNetwork& dlib_itself() {
  static DlibNetwork network(model());
  return network;
}

// Every face of the fetched photos.
const std::vector<cv::Mat>& chips() {
  static const std::vector<cv::Mat> all = [] {
    const ModelFiles files = read_models(test::built::kModels, shipped_encoder()).value();
    Detector detector(files.detect);
    Aligner aligner(files.shape, files.landmark, shipped_encoder().input);
    std::vector<cv::Mat> found;
    AlignedFace aligned;
    for (const char* name : {"sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"})
      for (const cv::Mat picture = photo(name); const Detection& face : detector.find(picture)) {
        aligner.align(picture, face.box, aligned);
        found.push_back(aligned.chip.clone());
      }
    return found;
  }();
  return all;
}

struct Instructions {
  const char* name;
  const Kernels* (*kernels)();
};
std::ostream& operator<<(std::ostream& out, const Instructions& one) { return out << one.name; }

class DlibEncoderOn : public testing::TestWithParam<Instructions> {
 protected:
  void SetUp() override {
    kernels = GetParam().kernels();
    if (kernels == nullptr) GTEST_SKIP() << "this processor has no " << GetParam().name;
  }
  const Kernels* kernels = nullptr;
};

TEST_P(DlibEncoderOn, GivesWhatDlibGivesForEveryFace) {
  DlibEncoder ours(model(), kernels);
  ASSERT_GT(chips().size(), 10U);
  for (const cv::Mat& chip : chips()) EXPECT_LE(distance(ours.encode(chip), dlib_itself().encode(chip)), kRounding);
}

TEST_P(DlibEncoderOn, GivesWhatDlibGivesForWhatIsNoFace) {
  DlibEncoder ours(model(), kernels);
  cv::Mat noise(150, 150, CV_8UC3);
  cv::randu(noise, 0, 256);
  for (const cv::Mat& chip :
       {noise, cv::Mat(150, 150, CV_8UC3, cv::Scalar(0, 0, 0)), cv::Mat(150, 150, CV_8UC3, cv::Scalar(255, 255, 255)),
        cv::Mat(150, 150, CV_8UC3, cv::Scalar(255, 0, 0))})
    EXPECT_LE(distance(ours.encode(chip), dlib_itself().encode(chip)), kRounding);
}

TEST_P(DlibEncoderOn, RemembersNothingOfTheFaceBefore) {
  DlibEncoder ours(model(), kernels);
  const Encoding first = ours.encode(chips()[0]), other = ours.encode(chips()[1]);
  EXPECT_EQ(ours.encode(chips()[0]), first);
  EXPECT_GT(distance(first, other), 0.1);
}

TEST_P(DlibEncoderOn, TakesAPartOfALargerPicture) {
  DlibEncoder ours(model(), kernels);
  cv::Mat larger(200, 300, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat part = larger(cv::Rect(31, 17, 150, 150));
  chips()[0].copyTo(part);
  EXPECT_EQ(ours.encode(part), ours.encode(chips()[0]));
}

TEST_P(DlibEncoderOn, RefusesAPictureThatIsNoChip) {
  DlibEncoder ours(model(), kernels);
  EXPECT_THROW((void)ours.encode(cv::Mat(149, 150, CV_8UC3, cv::Scalar())), std::invalid_argument);
  EXPECT_THROW((void)ours.encode(cv::Mat(150, 150, CV_8UC1, cv::Scalar())), std::invalid_argument);
  EXPECT_THROW((void)ours.encode(cv::Mat()), std::invalid_argument);
}

// That the comparison above would see a wrong layer, whichever it is.
TEST_P(DlibEncoderOn, WrongWeightsInAnyLayerAreSeen) {
  const DlibWeights good = dlib_itself().weights();
  const Encoding right = dlib_itself().encode(chips()[0]);
  for (std::size_t layer = 0; layer < good.convolutions.size(); ++layer) {
    DlibWeights bad = good;
    for (float& bias : bad.convolutions[layer].bias) bias += 0.1F;
    EXPECT_GT(distance(FaceNet(bad, *kernels).encode(chips()[0]), right), kRounding) << layer;
  }
  DlibWeights bad = good;
  for (float& weight : bad.last) weight += 0.1F;
  EXPECT_GT(distance(FaceNet(bad, *kernels).encode(chips()[0]), right), kRounding);
}

TEST_P(DlibEncoderOn, RefusesTheWeightsOfAnotherNetwork) {
  const DlibWeights good = dlib_itself().weights();
  const auto expect_refused = [&](auto change) {
    DlibWeights bad = good;
    change(bad);
    EXPECT_THROW(FaceNet(bad, *kernels), std::runtime_error);
  };
  expect_refused([](DlibWeights& w) { w.convolutions.pop_back(); });
  expect_refused([](DlibWeights& w) { w.convolutions[3].outputs = 64; });
  expect_refused([](DlibWeights& w) { w.convolutions[3].filters.pop_back(); });
  expect_refused([](DlibWeights& w) { w.convolutions[3].bias.push_back(0); });
  expect_refused([](DlibWeights& w) { w.last.resize(128); });
}

enum Ending { kSame = 0, kOther = 1, kNotForbidden = 2, kUnknownHere = 3 };

// In a process that may make no memory executable, as MemoryDenyWriteExecute= has it for the eye. Leaves by _exit.
[[noreturn]] void encode_without_new_code(const Kernels* kernels, const cv::Mat& chip, const Encoding& right) {
  constexpr int kSetMdwe = 65, kRefuseExecGain = 1;  // linux/prctl.h since 6.3
  if (::prctl(kSetMdwe, kRefuseExecGain, 0, 0, 0) != 0) ::_exit(kUnknownHere);
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0) ::_exit(kNotForbidden);
  DlibEncoder ours(model(), kernels);
  ::_exit(ours.encode(chip) == right ? kSame : kOther);
}

TEST_P(DlibEncoderOn, MakesNoCodeAtRunTime) {
  DlibEncoder ours(model(), kernels);
  const cv::Mat& chip = chips()[0];
  const Encoding right = ours.encode(chip);
  const pid_t child = ::fork();
  if (child == 0) encode_without_new_code(kernels, chip, right);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kUnknownHere) GTEST_SKIP() << "this kernel has no PR_SET_MDWE";
  EXPECT_EQ(WEXITSTATUS(status), kSame);
}

INSTANTIATE_TEST_SUITE_P(EveryProcessor, DlibEncoderOn,
                         testing::Values(Instructions{"AVX512", avx512_kernels}, Instructions{"AVX2", avx2_kernels},
                                         Instructions{"SSE2", sse2_kernels}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(DlibEncoder, IsDlibItselfWhereThereAreNoKernels) {
  DlibEncoder fallback(model(), nullptr);
  EXPECT_EQ(fallback.encode(chips()[0]), dlib_itself().encode(chips()[0]));
}

// Without the lock in DlibNetwork::encode this fails now and then, not always.
TEST(DlibEncoder, ThreadsWithDlibItselfDoNotDisturbEachOther) {
  const Encoding right = dlib_itself().encode(chips()[0]);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        DlibEncoder own(model(), nullptr);
        for (int n = 0; n < 8; ++n) wrong += own.encode(chips()[0]) != right;
      });
  }
  EXPECT_EQ(wrong, 0);
}

TEST(DlibEncoder, RefusesAFileThatIsNotTheNetwork) {
  const ModelFile other{"no network", "other"}, cut{model().bytes.substr(0, 1'000'000), "cut"};
  for (const Kernels* kernels : {best_kernels(), static_cast<const Kernels*>(nullptr)}) {
    EXPECT_THROW(DlibEncoder(other, kernels), std::exception);
    EXPECT_THROW(DlibEncoder(cut, kernels), std::exception);
  }
}

TEST(DlibEncoder, TakesTheBestThatTheProcessorHas) {
  const Kernels* best = best_kernels();
  if (avx512_kernels() != nullptr)
    EXPECT_EQ(best, avx512_kernels());
  else if (avx2_kernels() != nullptr)
    EXPECT_EQ(best, avx2_kernels());
  else
    EXPECT_EQ(best, sse2_kernels());
}

}  // namespace
}  // namespace faceauth::vision
