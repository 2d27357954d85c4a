#include <faced/auth/quality_gate.h>

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>

namespace faceauth {
namespace {

struct Case {
  const char* what;
  Quality quality;
  FaceIssue login, enrolment;
};

constexpr Quality with(float height, float sharpness, float brightness, float yaw = 0, float pitch = 0,
                       float roll = 0) {
  return {.face_height_px = height,
          .sharpness = sharpness,
          .brightness = brightness,
          .yaw_deg = yaw,
          .pitch_deg = pitch,
          .roll_deg = roll};
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr auto ok = FaceIssue::none;

void expect_decisions(std::initializer_list<Case> table) {
  for (const Case& c : table) {
    Sight sight;
    sight.issue = FaceIssue::none;
    sight.quality = c.quality;
    EXPECT_EQ(gate_for_login(sight), c.login) << c.what;
    EXPECT_EQ(gate_for_enrolment(sight), c.enrolment) << c.what;
  }
}

TEST(Gate, HoldsQualityAgainstItsBounds) {
  expect_decisions({Case{"good", with(200, 100, 120), ok, ok},
                    Case{"smallest for enrolment", with(80, 100, 120), ok, ok},
                    Case{"smallest for login", with(60, 100, 120), ok, FaceIssue::too_small},
                    Case{"too small", with(59, 100, 120), FaceIssue::too_small, FaceIssue::too_small},
                    Case{"dim", with(200, 100, 30), ok, FaceIssue::too_dark},
                    Case{"dark", with(200, 100, 20), FaceIssue::too_dark, FaceIssue::too_dark},
                    Case{"dark and so blurred", with(200, 1, 20), FaceIssue::too_dark, FaceIssue::too_dark},
                    Case{"bright", with(200, 100, 240), ok, FaceIssue::too_bright},
                    Case{"white", with(200, 100, 255), FaceIssue::too_bright, FaceIssue::too_bright},
                    Case{"soft", with(200, 10, 120), ok, FaceIssue::blurred},
                    Case{"blurred", with(200, 3, 120), FaceIssue::blurred, FaceIssue::blurred},
                    Case{"half turned", with(200, 100, 120, 35), ok, FaceIssue::turned_away},
                    Case{"half turned the other way", with(200, 100, 120, -35), ok, FaceIssue::turned_away},
                    Case{"turned away", with(200, 100, 120, -60), FaceIssue::turned_away, FaceIssue::turned_away},
                    Case{"looking down", with(200, 100, 120, 0, -30), ok, FaceIssue::turned_away},
                    Case{"looking up far", with(200, 100, 120, 0, 50), FaceIssue::turned_away, FaceIssue::turned_away},
                    Case{"head on the shoulder", with(200, 100, 120, 0, 0, 30), ok, ok}});
}

TEST(Gate, RefusesWhatIsNotANumber) {
  expect_decisions({Case{"size", with(kNan, 100, 120), FaceIssue::too_small, FaceIssue::too_small},
                    Case{"sharpness", with(200, kNan, 120), FaceIssue::blurred, FaceIssue::blurred},
                    Case{"brightness", with(200, 100, kNan), FaceIssue::too_dark, FaceIssue::too_dark},
                    Case{"yaw", with(200, 100, 120, kNan), FaceIssue::turned_away, FaceIssue::turned_away},
                    Case{"pitch", with(200, 100, 120, 0, kNan), FaceIssue::turned_away, FaceIssue::turned_away}});
}

TEST(Gate, WhatTheEyeRefusedStaysRefused) {
  for (std::uint8_t i = 1; i <= kFaceIssueLast; ++i) {
    Sight sight;
    sight.issue = static_cast<FaceIssue>(i);
    sight.quality = with(200, 100, 120);
    EXPECT_EQ(gate_for_login(sight), sight.issue);
    EXPECT_EQ(gate_for_enrolment(sight), sight.issue);
  }
  EXPECT_NE(gate_for_login(Sight{}), FaceIssue::none);
}

}  // namespace
}  // namespace faceauth
