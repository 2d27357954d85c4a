// Attempts before an infrared camera, and templates of one light beside those of another.
#include <faced/auth/verifier.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/login.h>

namespace faceauth {
namespace {

using test::ann;
using test::genuine;
using test::live;
using test::Login;

VerifierPolicy infrared_policy() {
  VerifierPolicy policy = verifier_policy(Config{}, Modality::infrared);
  policy.thresholds = test::still_policy().thresholds;
  return policy;
}

Sight in_infrared(float network, float emitter) {
  Sight sight = live(genuine().encodings, network);
  sight.emitter = emitter;
  return sight;
}

Template made_with(const std::string& source, const Encodings& e) {
  Template t;
  t.info.dlib_model = "d";
  t.info.feature_model = "f";
  t.info.source = source;
  *t.encodings = e;
  return t;
}

// It calls nearly everybody's grey picture a print.
TEST(InfraredAttempt, TheNetworkForColorIsNotAsked) {
  EXPECT_FALSE(infrared_policy().network);
  EXPECT_TRUE(infrared_policy().liveness);
  Login infrared(infrared_policy());
  EXPECT_EQ(infrared.see(in_infrared(0.01F, 1), 3), Verdict::match);
  EXPECT_FALSE(infrared.attempt.score()->liveness_measured) << "what was not asked is not told";
  Login color(test::live_policy());
  EXPECT_EQ(color.see(in_infrared(0.01F, 1), 9), Verdict::not_live);
}

TEST(InfraredAttempt, AFaceThatDoesNotFollowTheEmitterIsNotLive) {
  Login screen(infrared_policy());
  EXPECT_EQ(screen.see(in_infrared(0.99F, 0.1F), 9), Verdict::not_live);
  EXPECT_TRUE(screen.attempt.judged());
  Login face(infrared_policy());
  EXPECT_EQ(face.see(in_infrared(0.99F, 0.8F), 3), Verdict::match);
  Login color(test::live_policy());
  EXPECT_EQ(color.see(in_infrared(0.99F, 0.1F), 9), Verdict::not_live) << "it only ever refuses";
  Login off(test::still_policy());
  EXPECT_EQ(off.see(in_infrared(0.99F, 0.1F), 3), Verdict::match);
}

TEST(InfraredAttempt, PicturesThatComeAgainStayARecording) {
  Login loop(infrared_policy());
  Sight first = in_infrared(0.5F, 1), second = first;
  first.fingerprint = 11, second.fingerprint = 12;
  (void)loop.see(first);
  (void)loop.see(second);
  EXPECT_EQ(loop.see(first), Verdict::not_live);
}

TEST(TemplatesOfOneLight, AreComparedWithProbesOfIt) {
  std::vector<Template> templates;
  templates.push_back(made_with("photo", ann()));
  templates.push_back(made_with(source_of(Modality::color, "012345678"), ann()));
  EXPECT_FALSE(reference_of(templates, "d", "f", Modality::infrared));
  templates.push_back(made_with(source_of(Modality::infrared, "012345678"), test::person(2)));
  const auto color = reference_of(templates, "d", "f", Modality::color),
             infrared = reference_of(templates, "d", "f", Modality::infrared);
  ASSERT_TRUE(color);
  ASSERT_TRUE(infrared);
  EXPECT_FLOAT_EQ((*color)->feature[0], ann().feature[0]);
  EXPECT_FLOAT_EQ((*infrared)->feature[0], test::person(2).feature[0]);
  EXPECT_FALSE(reference_of(templates, "other", "f", Modality::infrared));
}

TEST(LivenessAdvice, WhoFillsThePictureAndIsNotLiveIsToldToMoveBack) {
  const VerifierPolicy policy = verifier_policy(Config{});
  Sight sight = live(ann(), 0.7F);
  EXPECT_EQ(liveness_advice(policy, sight), FaceIssue::none);
  sight.surroundings = 0.4F;
  EXPECT_EQ(liveness_advice(policy, sight), FaceIssue::too_close);
  sight.liveness = sight.liveness_near = 0.95F;
  EXPECT_EQ(liveness_advice(policy, sight), FaceIssue::none) << "it is live nevertheless";
  sight.surroundings = 1, sight.liveness = sight.liveness_near = 0.1F;
  EXPECT_EQ(liveness_advice(policy, sight), FaceIssue::none) << "moving back would not help";
  sight.surroundings = 0.4F;
  EXPECT_EQ(liveness_advice(verifier_policy(Config{}, Modality::infrared), sight), FaceIssue::none);

  Login close(test::live_policy());
  Sight tight = live(genuine().encodings, 0.7F);
  tight.surroundings = 0.4F;
  EXPECT_EQ(close.see(tight), std::nullopt);
  EXPECT_EQ(close.attempt.last_issue(), FaceIssue::too_close);
  EXPECT_EQ(close.see(tight, 8), Verdict::not_live) << "the advice changes no verdict";
}

}  // namespace
}  // namespace faceauth
