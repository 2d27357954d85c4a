// The hot path for callgrind, which counts between the two marks: what runs there is the same on every machine,
// whatever its processor offers.
//
// usage: faceauth-hot-path face | empty | dlib | identify | decision
#include "../daemon/support/photos.h"
#include "../unit/auth/people.h"

#include <faced/auth/adaptation.h>
#include <faced/auth/identifier.h>
#include <faced/auth/reference_index.h>
#include <faced/auth/verifier.h>
#include <faced/crypto/aead.h>
#include <faced/store/store.h>
#include <faced/vision/analyser.h>
#include <faced/vision/dlib_encoder.h>
#include <tests/support/built.h>
#include <valgrind/callgrind.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace faceauth {
namespace {

// Once unseen, so that what happens only the first time does not count.
int counted(const std::function<bool()>& work) {
  if (!work()) return 1;
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_TOGGLE_COLLECT;
  const bool done = work();
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_STOP_INSTRUMENTATION;
  return done ? 0 : 1;
}

Encodings invented(unsigned seed) {
  std::mt19937 random(seed);
  const auto number = [&] { return static_cast<float>(random()) * 0x1p-31F - 1; };
  Encodings e;
  for (float& v : e.feature) v = number();
  for (float& v : e.dlib) v = number() / 8;
  return e;
}

// A frame as the eye treats it, everything on. OpenCV has been told by the environment which instructions to leave
// alone; dlib's network is counted apart, on the kernels that every processor runs.
int frame(bool with_face) {
  cv::setNumThreads(1);
  const cv::Mat photo = cv::imread(test::kOtherPhoto);
  Result<vision::Analyser> analyser = vision::Analyser::load(test::built::kModels);
  if (photo.empty() || !analyser) return 2;
  cv::Mat view(480, 640, CV_8UC3, cv::Scalar(90, 100, 110));
  if (with_face) cv::resize(photo(test::kOwnerLogsIn), view, {640, 480}, 0, 0, cv::INTER_AREA);
  return counted([&] { return analyser->analyse(view, {true, true}).encoded == with_face; });
}

int dlib() {
  const Result<vision::ModelFile> file = vision::read_model(test::built::kModels, vision::kDlibPin);
  if (!file || vision::sse2_kernels() == nullptr) return 2;
  vision::DlibEncoder encoder(*file, vision::sse2_kernels());
  cv::Mat chip(150, 150, CV_8UC3);
  for (int y = 0; y < chip.rows; ++y)
    for (int x = 0; x < chip.cols; ++x)
      chip.at<cv::Vec3b>(y, x) = cv::Vec3b(cv::saturate_cast<uchar>(x), cv::saturate_cast<uchar>(y), 90);
  return counted([&] { return encoder.encode(chip)[0] < 1e9F; });
}

int identify() {
  constexpr unsigned kUsers = 5000;
  std::optional<ReferenceIndex> index = ReferenceIndex::with_room_for(kUsers);
  if (!index) return 2;
  for (unsigned i = 0; i < kUsers; ++i)
    if (!index->add(std::to_string(kUsers + i), invented(i))) return 2;
  const Encodings probe = invented(77777);
  return counted([&] {
    ReferenceScan scan(*index, probe, plain_products());
    while (scan.step(1000)) {
    }
    Identifier identifier(match_thresholds(MatchLevel::balanced), kUsers, probe);
    for (const std::string& name : scan.candidates())
      identifier.compare(name, invented(static_cast<unsigned>(std::stoul(name)) - kUsers));
    return !identifier.answer().user;
  });
}

// A login's share of the keeper: the user's record and templates out of the store, and three frames judged.
bool decide(const Store& store, const Sight& seen) {
  const auto user = store.user("ann");
  const auto templates = store.templates("ann");
  if (!user || !templates) return false;
  auto references = references_of(*templates, "dlib", "feature", true);
  if (!references) return false;
  VerifierPolicy policy;
  policy.thresholds = match_thresholds(MatchLevel::balanced);
  policy.liveness = false;
  policy.spacing = {};
  Attempt attempt(policy, std::move(*references));
  std::optional<Verdict> verdict;
  for (unsigned i = 0; i < policy.frames; ++i) {
    Sight sight = seen;
    sight.fingerprint = i + 1;
    verdict = attempt.observe(sight, Steady{std::chrono::seconds(i)});
  }
  return verdict == Verdict::match;
}

int decision() {
  std::string name = (std::filesystem::temp_directory_path() / "faceauth-hot-path-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 2;
  int result = 2;
  if (Result<Store> store = Store::open(name + "/store", random_key()); store) {
    std::vector<Template> templates(5);
    for (Template& t : templates) {
      t.info = {{}, "desk", "photo", "dlib", "feature", {}};
      *t.encodings = invented(5);
    }
    const Sight seen = test::sight_of(invented(5));
    if (store->enroll("ann", 1000, std::move(templates), nullptr, {}, {}))
      result = counted([&] { return decide(*store, seen); });
  }
  std::error_code ignored;
  std::filesystem::remove_all(name, ignored);
  return result;
}

int run(std::string_view what) {
  if (what == "face") return frame(true);
  if (what == "empty") return frame(false);
  if (what == "dlib") return dlib();
  if (what == "identify") return identify();
  if (what == "decision") return decision();
  std::fprintf(stderr, "usage: faceauth-hot-path face|empty|dlib|identify|decision\n");
  return 2;
}

}  // namespace
}  // namespace faceauth

int main(int argc, char** argv) { return faceauth::run(argc == 2 ? argv[1] : ""); }
