// Another encoder in the shipped one's place: other input, other scaling, other dimensions
// (tests/support/other_encoder.py).
#include <faced/config/encoder.h>
#include <faced/vision/analyser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>
#include <cstdlib>
#include <fstream>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using testing::HasSubstr;
using Feature = std::array<float, kFeatureDims>;

class OtherEncoder : public testing::Test {
 protected:
  void SetUp() override {
    const std::string made = "python3 " + test::built::source("tests/support/other_encoder.py") + " " +
                             test::built::model("fr_feature.onnx") + " " + dir.path("");
    ASSERT_EQ(std::system(made.c_str()), 0);
  }
  // Its description with a change.
  Encoder described(const std::string& old = "", const std::string& now = "") {
    const Blob bytes = bytes_of(dir.path("other.toml"));
    std::string text(bytes.begin(), bytes.end());
    if (!old.empty()) text.replace(text.find(old), old.size(), now);
    return parse_encoder(text, dir.path("other.toml")).value();
  }
  static Feature seen(Analyser& by, Scene which) {
    const Sight sight = by.analyse(scene(which), Wants{});
    EXPECT_TRUE(sight.encoded);
    return sight.encodings.feature;
  }
  TempDir dir;
};

TEST_F(OtherEncoder, TellsPeopleApartInItsOwnSpace) {
  Result<Analyser> other = Analyser::load(test::built::kModels, described());
  ASSERT_TRUE(other) << other.error().message;
  const Feature monday = seen(*other, Scene::woman_monday);
  EXPECT_NEAR(distance(monday, Feature{}), 1, 1e-5) << "of length 1";
  for (std::size_t i = 128; i < kFeatureDims; ++i) EXPECT_EQ(monday[i], 0) << i;
  // A random projection to 128 dimensions keeps angles to about a tenth; a wrong picture keeps none.
  for (const Scene scene : {Scene::woman_tuesday, Scene::man, Scene::stranger})
    EXPECT_NEAR(distance(monday, seen(*other, scene)),
                distance(seen(analyser(), Scene::woman_monday), seen(analyser(), scene)), 0.25);
  EXPECT_LT(distance(monday, seen(*other, Scene::woman_tuesday)), distance(monday, seen(*other, Scene::man)) - 0.1);
}

TEST_F(OtherEncoder, HasANameOfItsOwn) {
  Result<Analyser> other = Analyser::load(test::built::kModels, described());
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->models().feature, described().name());
  EXPECT_THAT(other->models().feature, HasSubstr("other:"));
  EXPECT_EQ(other->models().dlib, analyser().models().dlib);
}

TEST_F(OtherEncoder, EveryPartOfItsInputIsWhatTheDescriptionSays) {
  Result<Analyser> right = Analyser::load(test::built::kModels, described());
  ASSERT_TRUE(right) << right.error().message;
  const Feature good = seen(*right, Scene::woman_monday);
  for (const auto& [old, now] :
       {std::pair{"\"bgr\"", "\"rgb\""}, std::pair{"mean = [0, 0, 0]", "mean = [0, 0, 90]"},
        std::pair{"245.0", "120.0"}, std::pair{"left_eye = [76.58, 103.40]", "left_eye = [66.58, 123.40]"}}) {
    Result<Analyser> wrong = Analyser::load(test::built::kModels, described(old, now));
    ASSERT_TRUE(wrong) << wrong.error().message;
    EXPECT_GT(distance(good, seen(*wrong, Scene::woman_monday)), 0.02) << now;
  }
}

TEST_F(OtherEncoder, WhatDoesNotFitItsDescriptionDoesNotLoad) {
  const Result<Analyser> dimensions =
      Analyser::load(test::built::kModels, described("dimensions = 128", "dimensions = 256"));
  ASSERT_FALSE(dimensions);
  EXPECT_THAT(dimensions.error().message, HasSubstr("gives 128 numbers, its description says 256"));
  EXPECT_FALSE(Analyser::load(test::built::kModels, described("size = 224", "size = 320")));
}

TEST_F(OtherEncoder, AChangedNetworkIsRefused) {
  std::fstream file(dir.path("other.onnx"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100'000);
  file.put('\x55').put('\x56');
  file.close();
  const Result<Analyser> changed = Analyser::load(test::built::kModels, described());
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Errc::corrupt);
  EXPECT_THAT(changed.error().message, HasSubstr("other.onnx"));
}

TEST_F(OtherEncoder, ANetworkThatOthersMayChangeIsRefused) {
  std::filesystem::permissions(dir.path("other.onnx"), std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(Analyser::load(test::built::kModels, described()).error().code, Errc::unsafe_path);
}

}  // namespace
}  // namespace faceauth::vision
