// An administrator puts another encoder in the shipped one's place: real eye, real photos. Nobody is matched across
// encoders, and nothing is lost.
#include "support/daemon.h"
#include "support/photos.h"

#include <faced/config/encoder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class EncoderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    if (!std::filesystem::exists(kOwnerPhoto)) GTEST_SKIP() << "no photos: run ./dev setup";
    cut(kOwnerPhoto, kOwnerEnrols, here("a.jpg"));
    cut(kOtherPhoto, kOwnerLogsIn, here("b.jpg"));
    cut(kOtherPhoto, kStranger, here("stranger.jpg"));
    const std::string made = "python3 " + built::source("tests/support/other_encoder.py") + " " +
                             built::model("fr_feature.onnx") + " " + daemon.dir().string();
    ASSERT_EQ(std::system(made.c_str()), 0);
  }
  std::string here(const std::string& name) const { return daemon.dir() / name; }
  std::string other() const { return "\nencoder = \"" + here("other.toml") + "\"\n"; }

  void calibrate() const {
    const std::string name = load_encoder(here("other.toml")).value().name();
    std::ofstream(here("other.toml"), std::ios::app)
        << "[calibration]\nencoder = \"" << name << "\"\ndata = \"invented for this test\"\npeople = 3\nimages = 3\n"
        << "date = \"2024-02-29\"\nconvenient = 1.0\nbalanced = 0.98\nstrict = 0.95\nper_decade = 0.05\n"
        << "single_frame = 1.2\nidentify_margin = 0.04\n";
  }
  void use(const std::string& encoder) const {
    std::ifstream in(daemon.config());
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = text.find("[match]\n") + std::string("[match]").size();
    text.replace(at, text.find("level", at) - at, encoder.empty() ? "\n" : encoder);
    std::ofstream(daemon.config(), std::ios::trunc) << text;
  }
  Ran enroll() const { return tool(daemon, {"enroll", "ann", "--image", here("a.jpg")}); }
  json verify(const std::string& photo) const {
    return json::parse(tool(daemon, {"--json", "verify", "ann", "--image", here(photo)}).out);
  }

  Daemon daemon{{.eye = EyeKind::real, .users = {"ann"}}};
};

TEST_F(EncoderTest, TemplatesOfOneEncoderNeverMatchAnothersAndAreKept) {
  calibrate();
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(enroll().code, 0) << daemon.log();
  ASSERT_EQ(verify("b.jpg")["verdict"], "match");
  ASSERT_EQ(daemon.stop(), 0);

  use(other());
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const json across = verify("b.jpg");
  EXPECT_EQ(across["verdict"], "not-enrolled");
  EXPECT_THAT(across["reason"].get<std::string>(), HasSubstr("register it again"));
  EXPECT_EQ(tool(daemon, {"identify", "--image", here("b.jpg")}).code, 1);
  ASSERT_EQ(enroll().code, 0) << daemon.log();
  const json own = verify("b.jpg");
  EXPECT_EQ(own["verdict"], "match") << own;
  EXPECT_FLOAT_EQ(own["threshold"].get<float>(), 0.98F) << "its own";
  EXPECT_EQ(verify("stranger.jpg")["verdict"], "no-match");
  const json templates = json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["templates"];
  ASSERT_EQ(templates.size(), 2U);
  EXPECT_THAT(templates[0]["model"].get<std::string>(), HasSubstr("fr_feature:"));
  EXPECT_THAT(templates[1]["model"].get<std::string>(), HasSubstr("other:"));
  ASSERT_EQ(daemon.stop(), 0);

  use("");
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_EQ(verify("b.jpg")["verdict"], "match") << "the shipped one's templates were kept";
}

TEST_F(EncoderTest, AnUncalibratedOneIsRefusedWithFileAndRemedy) {
  use(other());
  EXPECT_FALSE(daemon.start());
  EXPECT_THAT(daemon.log(), HasSubstr("other.toml"));
  EXPECT_THAT(daemon.log(), HasSubstr("[calibration] is missing"));
  EXPECT_EQ(run({built::kFaced, "--config", daemon.config(), "--check-config"}).code, 78);
  calibrate();
  EXPECT_EQ(run({built::kFaced, "--config", daemon.config(), "--check-config"}).code, 0);
}

// Distances of a changed encoder mean something else than the thresholds that the keeper read.
TEST_F(EncoderTest, AChangeBehindTheKeepersBackStopsFacesUntilARestart) {
  calibrate();
  use(other());
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(enroll().code, 0) << daemon.log();
  std::ifstream in(here("other.toml"));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  text.replace(text.find("\"bgr\""), 5, "\"rgb\"");
  text.erase(text.find("[calibration]"));
  std::ofstream(here("other.toml"), std::ios::trunc) << text;
  const pid_t eye = daemon.eye_pid();
  ASSERT_GT(eye, 0);
  ASSERT_EQ(::kill(eye, SIGKILL), 0);
  for (int i = 0; i < 100 && daemon.log().find("needs a restart") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_THAT(daemon.log(), HasSubstr("needs a restart"));
  EXPECT_NE(verify("a.jpg")["verdict"], "match");
}

}  // namespace
}  // namespace faceauth::test
