#include <faced/vision/models.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using ::testing::HasSubstr;

TEST(Models, ThePinnedFileIsReadAndNamed) {
  const Result<ModelFile> model = read_model(test::built::kModels, kDetectPin);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->bytes.size(), kDetectPin.bytes);
  EXPECT_EQ(model->name, "fr_detect:6c0256ccd3164f84");
}

TEST(Models, NamesFitTheirFieldOnTheLink) {
  const Result<ModelFiles> files = read_models(test::built::kModels, shipped_encoder());
  ASSERT_TRUE(files) << files.error().message;
  for (const ModelFile* file : {&files->dlib, &files->feature, &files->liveness, &files->detect})
    EXPECT_LT(file->name.size(), 48U) << file->name;
}

TEST(Models, AChangedByteIsRefusedWithBothHashes) {
  const TempDir dir;
  Blob bytes = bytes_of(test::built::model("fr_detect.onnx"));
  ASSERT_FALSE(bytes.empty());
  bytes[bytes.size() / 2] ^= 1;
  dir.put("fr_detect.onnx", bytes);
  const Result<ModelFile> model = read_model(dir.path(""), kDetectPin);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, Errc::corrupt);
  EXPECT_THAT(model.error().message, HasSubstr(std::string(kDetectPin.sha256)));
  EXPECT_THAT(model.error().message, ::testing::ContainsRegex("found [0-9a-f]{64}"));
}

TEST(Models, AMissingOrForeignFileIsAnError) {
  const TempDir dir;
  EXPECT_EQ(read_model(dir.path(""), kDetectPin).error().code, Errc::not_found);
  std::filesystem::create_directory(dir.path("fr_detect.onnx"));
  EXPECT_FALSE(read_model(dir.path(""), kDetectPin));
  dir.put("fr_landmark.onnx", Blob(kLandmarkPin.bytes + 1));
  EXPECT_FALSE(read_model(dir.path(""), kLandmarkPin));
}

TEST(Models, TheRightBytesOnAPathOthersMayChangeAreRefused) {
  namespace fs = std::filesystem;
  const TempDir dir;
  const std::string file = dir.put("fr_detect.onnx", bytes_of(test::built::model("fr_detect.onnx")));
  ASSERT_TRUE(read_model(dir.path(""), kDetectPin));
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_EQ(read_model(dir.path(""), kDetectPin).error().code, Errc::unsafe_path) << "the file itself";
  fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(dir.path(""), fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(read_model(dir.path(""), kDetectPin).error().code, Errc::unsafe_path) << "its directory";
  fs::permissions(dir.path(""), fs::perms::group_write, fs::perm_options::remove);
  EXPECT_TRUE(read_model(dir.path(""), kDetectPin));
}

}  // namespace
}  // namespace faceauth::vision
