// The arithmetic of thresholds, on people whose distances are known.
#include <tests/accuracy/calibrate.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>
#include <tests/unit/support/encoder_description.h>

#include <cmath>

namespace faceauth::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Attempts of strangers, their distances spread so that a tenth of the rate is `decade` nearer: the share at or below
// `at_one - n * decade` is 10^-n. Genuine ones lie at 0.5.
AttemptsReport report_of(std::size_t impostors, double at_one, double decade, float own_frame = 0.6F) {
  std::vector<ImpostorPair> pairs;
  Histogram histogram{};
  const WeightedHistogram unused{};
  for (std::size_t i = 0; i < impostors; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(impostors);
    const auto distance = static_cast<float>(at_one + decade * std::log10(share));
    pairs.push_back({distance, 0, 1});
    ++histogram[bin_of(distance)];
  }
  const Crossing crossing{{static_cast<double>(impostors), 0}, {0, 1}, false};
  AttemptsReport report;
  report.rankings.push_back({"feature", Ranking({{0.5F, 0}}, std::move(pairs), histogram, unused, crossing)});
  report.own_frames.assign(1000, own_frame);
  return report;
}

Result<Fit> fit(const std::vector<AttemptsReport>& reports) {
  std::vector<FittedSet> sets;
  for (const AttemptsReport& report : reports) sets.push_back({&report, sets.empty() ? 1 : kHardestGroup});
  return fit_calibration(sets);
}

TEST(Calibrate, ThresholdsLieWhereTheRatesAre) {
  std::vector<AttemptsReport> reports;
  reports.push_back(report_of(1'000'000, 1.3, 0.06));
  const Result<Fit> found = fit(reports);
  ASSERT_TRUE(found) << found.error().message;
  const EncoderCalibration& c = found->calibration;
  EXPECT_NEAR(c.convenient, 1.3 - 3 * 0.06, 0.003);
  EXPECT_NEAR(c.balanced, 1.3 - 4 * 0.06, 0.003);
  EXPECT_NEAR(c.strict, 1.3 - 5 * 0.06, 0.004);
  EXPECT_NEAR(c.per_decade, 0.06, 0.004);
  EXPECT_THAT(found->extrapolated, IsEmpty());
}

TEST(Calibrate, TooFewPeopleForARateCarryTheirLastOneOn) {
  std::vector<AttemptsReport> reports;
  reports.push_back(report_of(30'000, 1.3, 0.06));  // shows 1e-4, not 1e-5
  const Result<Fit> found = fit(reports);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->extrapolated, ElementsAre("strict"));
  EXPECT_NEAR(found->calibration.strict, 1.3 - 5 * 0.06, 0.01);
  EXPECT_LT(found->calibration.strict, found->calibration.balanced);
}

TEST(Calibrate, WithoutOneInAThousandThereIsNothingToGoBy) {
  std::vector<AttemptsReport> reports;
  reports.push_back(report_of(2000, 1.3, 0.06));
  const Result<Fit> found = fit(reports);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::not_found);
  EXPECT_THAT(found.error().message, HasSubstr("more people"));
}

// A hard group: strangers 0.2 nearer. Its rate may be ten times the level's, and it decides.
TEST(Calibrate, TheHardestGroupTightensAndAnEasyOneDoesNotLoosen) {
  std::vector<AttemptsReport> hard, easy, alone;
  for (auto* reports : {&hard, &easy, &alone}) reports->push_back(report_of(1'000'000, 1.3, 0.06));
  hard.push_back(report_of(100'000, 1.1, 0.06));
  easy.push_back(report_of(100'000, 1.5, 0.06));
  EXPECT_NEAR(fit(hard)->calibration.convenient, 1.1 - 2 * 0.06, 0.003);
  EXPECT_NEAR(fit(hard)->calibration.strict, 1.1 - 4 * 0.06, 0.004);
  EXPECT_EQ(fit(easy)->calibration.convenient, fit(alone)->calibration.convenient);
}

TEST(Calibrate, OwnFramesArePassedByAndTheBoundIsKept) {
  std::vector<AttemptsReport> usual, far;
  usual.push_back(report_of(1'000'000, 1.3, 0.06, 1.21F));
  far.push_back(report_of(1'000'000, 1.3, 0.06, 1.9F));
  EXPECT_NEAR(fit(usual)->calibration.single_frame, 1.21, 0.002);
  EXPECT_FLOAT_EQ(fit(far)->calibration.single_frame, 1.4F);
  far.front().own_frames.assign(1000, 0.1F);
  EXPECT_GT(fit(far)->calibration.single_frame, fit(far)->calibration.convenient);
}

TEST(Calibrate, AnEncoderThatSeesNothingIsRefused) {
  std::vector<AttemptsReport> reports;
  reports.push_back(report_of(1'000'000, 0.2, 0.06));  // 1e-5 would lie below zero
  EXPECT_EQ(fit(reports).error().code, Errc::corrupt);
}

// Whole people: 60 whose pictures lie 0.6 from their middles.
People invented(unsigned count, float spread) {
  People people{"invented", {}, {}};
  for (unsigned p = 0; p < count; ++p) {
    Person person{"person" + std::to_string(p), {}};
    for (unsigned i = 0; i < 12; ++i) {
      person.images.push_back(people.data.files.size());
      people.data.files.push_back(person.name + "/" + std::to_string(i));
      people.sights.push_back(test::sight_of(test::away(test::person(p + 1), spread, 0.3F, 1000 * p + i)));
    }
    people.data.people.push_back(std::move(person));
  }
  return people;
}

TEST(Calibrate, IsJudgedOnPeopleItHasNotSeen) {
  const Result<Calibrated> made = calibrate(invented(120, 0.6F), {}, {.templates = 5, .frames = 3});
  ASSERT_TRUE(made) << made.error().message;
  const std::size_t held_out = made->json["held_out"]["people"];
  EXPECT_EQ(made->people + held_out, 120U);
  EXPECT_GT(held_out, 30U);
  EXPECT_EQ(made->images, made->people * 12);
  EXPECT_EQ(made->json["held_out"]["levels"]["balanced"]["frr"], 0.0);
  EXPECT_LE(made->json["held_out"]["levels"]["convenient"]["far"].get<double>(), 0.01);
}

TEST(Calibrate, AnEncoderThatRefusesMostIsNoEncoder) {
  const Result<Calibrated> made = calibrate(invented(120, 1.39F), {}, {.templates = 5, .frames = 3});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("input right?"));
}

const std::string& kDescription = test::kEncoderDescription;

TEST(CalibrationBlock, MakesADescriptionThatIsRead) {
  const Encoder encoder = parse_encoder(kDescription, "/e/e.toml").value();
  Calibrated made;
  made.calibration = {1.05F, 1.0F, 0.95F, 0.05F, 1.25F, 0.04F};
  made.people = 60;
  made.images = 720;
  made.json["extrapolated"] = {"strict"};
  const std::string block = calibration_block(encoder, made, "2024-02-29", "lfw; hard groups: nuaa");
  EXPECT_THAT(block, HasSubstr("# strict: carried on"));
  const std::string whole = with_block(kDescription, block);
  const Result<Encoder> read = parse_encoder(whole, "/e/e.toml");
  ASSERT_TRUE(read) << read.error().message << whole;
  ASSERT_TRUE(read->calibration);
  EXPECT_FLOAT_EQ(read->calibration->strict, 0.95F);
  EXPECT_EQ(with_block(whole, block), whole) << "put in again it replaces itself";
  EXPECT_EQ(with_block(whole, ""), kDescription) << "and what else there is stays";
}

TEST(CalibrationBlock, ReplacesAnOldOneInTheMiddle) {
  EXPECT_EQ(with_block("[calibration]\nold = 1\n[input]\nsize = 1\n", "[calibration]\nnew = 1\n"),
            "[input]\nsize = 1\n\n[calibration]\nnew = 1\n");
}

}  // namespace
}  // namespace faceauth::eval
