// Descriptions of encoders: what is taken, what is refused, and that a name stands for a space of encodings.
#include <faced/config/config.h>
#include <faced/config/encoder.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/support/encoder_description.h>
#include <tests/unit/support/temp_dir.h>

#include <filesystem>
#include <string>

namespace faceauth {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string &kHash = test::kEncoderHash, &kPlain = test::kEncoderDescription;

std::string with(std::string text, const std::string& old, const std::string& now) {
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), now);
}

Encoder accepted(const std::string& text) {
  auto encoder = parse_encoder(text, "/e/f.toml");
  EXPECT_TRUE(encoder) << (encoder ? "" : encoder.error().message);
  return encoder.value_or(Encoder{});
}

std::string refused(const std::string& text) {
  const auto encoder = parse_encoder(text, "/e/f.toml");
  EXPECT_FALSE(encoder) << text;
  return encoder ? "" : encoder.error().message;
}

std::string calibration_for(const std::string& name) {
  return "[calibration]\nencoder = \"" + name +
         "\"\ndata = \"lfw\"\npeople = 90\nimages = 700\ndate = \"2024-02-29\"\nconvenient = 1.1\nbalanced = 1.05\n"
         "strict = 1.0\nper_decade = 0.05\nsingle_frame = 1.3\nidentify_margin = 0.04\n";
}

TEST(Encoder, EveryKeyIsRead) {
  const Encoder e = accepted(kPlain + calibration_for(accepted(kPlain).name()));
  EXPECT_EQ(e.directory, "/e/");
  EXPECT_EQ(e.file, "sface.onnx");
  EXPECT_EQ(e.sha256, kHash);
  EXPECT_EQ(e.licence, "Apache-2.0");
  EXPECT_EQ(e.provenance, "somewhere");
  EXPECT_EQ(e.dimensions, 128U);
  EXPECT_EQ(e.input.side, 112U);
  EXPECT_TRUE(e.input.rgb);
  EXPECT_EQ(e.input.mean, (std::array<float, 3>{0, 0, 0}));
  EXPECT_EQ(e.input.divide, (std::array<float, 3>{1, 1.5F, 2}));
  EXPECT_FLOAT_EQ(e.input.points[4][0], 70.73F);
  ASSERT_TRUE(e.calibration);
  EXPECT_FLOAT_EQ(e.calibration->convenient, 1.1F);
  EXPECT_FLOAT_EQ(e.calibration->balanced, 1.05F);
  EXPECT_FLOAT_EQ(e.calibration->strict, 1.0F);
  EXPECT_FLOAT_EQ(e.calibration->per_decade, 0.05F);
  EXPECT_FLOAT_EQ(e.calibration->single_frame, 1.3F);
  EXPECT_FLOAT_EQ(e.calibration->identify_margin, 0.04F);
}

TEST(Encoder, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_THAT(refused(with(kPlain, "dimensions = 128", "dimensions = 1024")),
              AllOf(StartsWith("/e/f.toml:6: "), HasSubstr("encoder.dimensions"), HasSubstr("64 to 512")));
  EXPECT_THAT(refused(with(kPlain, "dimensions = 128", "dimensions = 63")),
              AllOf(StartsWith("/e/f.toml:6: "), HasSubstr("encoder.dimensions"), HasSubstr("64 to 512")));
  EXPECT_THAT(refused(with(kPlain, "dimensions = 128\n", "")), HasSubstr("encoder.dimensions is missing"));
  EXPECT_THAT(refused(with(kPlain, "size = 112", "sizes = 112\nsize = 112")),
              AllOf(StartsWith("/e/f.toml:8: "), HasSubstr("unknown key \"sizes\"")));
  EXPECT_THAT(refused(kPlain + "[other]\n"), HasSubstr("unknown table or key \"other\""));
  EXPECT_THAT(refused(with(kPlain, "mean = [0, 0, 0]", "mean = [0, 0]")),
              AllOf(HasSubstr("input.mean"), HasSubstr("3 numbers")));
  EXPECT_THAT(refused(with(kPlain, "divide = [1, 1.5, 2]", "divide = [1, 0, 2]")), HasSubstr("input.divide"));
  EXPECT_THAT(refused(with(kPlain, "divide = [1, 1.5, 2]", "divide = [1, nan, 2]")), HasSubstr("input.divide"));
  EXPECT_THAT(refused(with(kPlain, "\"rgb\"", "\"grey\"")), HasSubstr("\"rgb\", \"bgr\""));
  EXPECT_THAT(refused(with(kPlain, kHash, std::string(64, 'A'))), HasSubstr("lower case"));
  EXPECT_THAT(refused(with(kPlain, "[41.55, 92.37]", "[41.55, 192.37]")), HasSubstr("0 to 112"));
  EXPECT_THAT(refused(with(kPlain, "left_eye = [38.29", "left_eye = [98.29")), HasSubstr("left of right_eye"));
  EXPECT_THAT(refused("not toml"), HasSubstr("not TOML"));
  EXPECT_THAT(refused(""), HasSubstr("encoder.file is missing"));
}

TEST(Encoder, TheNetworkLiesBesideItsDescription) {
  for (const char* path : {"../sface.onnx", "/etc/shadow", ".hidden", "", "a b"})
    EXPECT_THAT(refused(with(kPlain, "sface.onnx", path)), HasSubstr("lies beside this one")) << path;
}

TEST(Encoder, AnotherInputIsAnotherSpaceAndSoAnotherName) {
  const std::string usual = with(with(kPlain, "[0, 0, 0]", "[127, 127, 127]"), "[1, 1.5, 2]", "[128, 128, 128]");
  EXPECT_EQ(accepted(usual).name(), "sface:aaaaaaaaaaaaaaaa");
  const std::string name = accepted(kPlain).name();
  EXPECT_THAT(name, StartsWith("sface:aaaaaaaaaaaaaaaa:"));
  for (const auto& [old, now] : {std::pair{"[0, 0, 0]", "[0, 0, 1]"}, std::pair{"\"rgb\"", "\"bgr\""},
                                 std::pair{"size = 112", "size = 128"}, std::pair{"[56.03,", "[56.04,"}})
    EXPECT_NE(accepted(with(kPlain, old, now)).name(), name) << now;
  EXPECT_EQ(accepted(with(kPlain, "somewhere", "elsewhere")).name(), name) << "words are not the network";
  EXPECT_LT(accepted(with(kPlain, "sface", std::string(100, 's'))).name().size(), 48U);
}

TEST(Encoder, ACalibrationBelongsToOneEncoder) {
  const std::string name = accepted(kPlain).name();
  EXPECT_TRUE(accepted(kPlain + calibration_for(name)).calibration);
  EXPECT_THAT(refused(with(kPlain, "\"rgb\"", "\"bgr\"") + calibration_for(name)),
              AllOf(StartsWith("/e/f.toml:19: "), HasSubstr("calibrate it again")));
}

TEST(Encoder, ThresholdsThatWouldOpenTheDoorAreRefused) {
  const std::string good = kPlain + calibration_for(accepted(kPlain).name());
  EXPECT_THAT(refused(with(good, "convenient = 1.1", "convenient = 1.35")), HasSubstr("calibration.convenient"));
  EXPECT_THAT(refused(with(good, "strict = 1.0", "strict = 1.06")), HasSubstr("strict <= balanced"));
  EXPECT_THAT(refused(with(good, "strict = 1.0", "strict = 0")), HasSubstr("calibration.strict"));
  EXPECT_THAT(refused(with(good, "strict = 1.0\n", "")), HasSubstr("calibration.strict is missing"));
  EXPECT_THAT(refused(with(good, "single_frame = 1.3", "single_frame = 1.0")), HasSubstr("<= single_frame"));
}

TEST(Encoder, TheShippedOneIsWhatItsTemplatesRemember) {
  EXPECT_EQ(shipped_encoder().name(), "fr_feature:87aacdfe57510db2");
  EXPECT_TRUE(shipped_encoder().directory.empty());
  EXPECT_EQ(shipped_encoder().dimensions, 512U);
}

class EncoderFile : public testing::Test {
 protected:
  std::string config(const std::string& encoder) {
    return dir.write("faced.toml", "[match]\nencoder = \"" + encoder + "\"\n", 0644);
  }
  test::TempDir dir;
};

TEST_F(EncoderFile, TheConfigurationBringsItAlong) {
  const std::string name = accepted(kPlain).name();
  const auto loaded = load_config(config(dir.write("e.toml", kPlain + calibration_for(name), 0644)));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.encoder.name(), name);
  EXPECT_EQ(loaded->config.encoder.directory, dir / "");
  EXPECT_EQ(load_config(dir.write("plain.toml", ""))->config.encoder.name(), shipped_encoder().name());
}

TEST_F(EncoderFile, WithoutItsCalibrationAForeignOneDecidesNothing) {
  const auto loaded = load_config(config(dir.write("e.toml", kPlain, 0644)));
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, AllOf(HasSubstr("e.toml"), HasSubstr("[calibration] is missing")));
  EXPECT_TRUE(load_encoder(dir / "e.toml")) << "the eye needs none, nor does who is about to make it";
}

TEST_F(EncoderFile, OnAPathThatOthersMayChangeItIsRefused) {
  const std::string file = dir.write("e.toml", kPlain + calibration_for(accepted(kPlain).name()), 0666);
  EXPECT_EQ(load_config(config(file)).error().code, Errc::unsafe_path);
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_TRUE(load_config(config(file)));
}

TEST_F(EncoderFile, MissingOrRelativeIsRefused) {
  EXPECT_EQ(load_config(config(dir / "absent.toml")).error().code, Errc::not_found);
  EXPECT_THAT(load_config(config("e.toml")).error().message, HasSubstr("an absolute path"));
}

}  // namespace
}  // namespace faceauth
