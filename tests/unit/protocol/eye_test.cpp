// The private protocol between the keeper and the eye (faced/vision_link/eye_protocol.h).
#include <unit/protocol/samples.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace faceauth::test {
namespace {

TEST(EyeMessage, survives_the_round_trip) {
  each(eye_samples(), [](const auto& sample) {
    std::decay_t<decltype(sample)> back;
    const auto bytes = bytes_of(sample);
    ASSERT_TRUE(decodes(bytes, back)) << typeid(sample).name();
    EXPECT_EQ(bytes_of(back), bytes) << typeid(sample).name();
  });
}

TEST(EyeMessage, every_truncation_and_every_left_over_byte_fails) {
  each(eye_samples(), [](const auto& sample) {
    using Body = std::decay_t<decltype(sample)>;
    auto bytes = bytes_of(sample);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      EXPECT_FALSE(decodes<Body>({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n)}))
          << typeid(sample).name();
    bytes.push_back(0);
    EXPECT_FALSE(decodes<Body>(bytes)) << typeid(sample).name();
  });
}

TEST(EyeMessage, the_largest_fits_one_packet) {
  std::uint8_t out[eye::kPacketMax];
  EXPECT_EQ(eye::encode_packet(out, eye::Type::frame, eye::Frame{2, 3, sample_sight(true)}),
            1 + 12 + 2 + 6 * 4 + 6 * 4 + 2 + 4 * 4 + 8 + 4 + 4 * (kDlibDims + kFeatureDims));
  EXPECT_EQ(out[0], static_cast<std::uint8_t>(eye::Type::frame));
}

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();

class NotFinite : public testing::TestWithParam<float> {};
TEST_P(NotFinite, is_refused_in_every_field) {
  const auto refused = [](const auto& change) {
    Sight s = sample_sight(true);
    EXPECT_TRUE(decodes<eye::Image>(bytes_of(eye::Image{s})));
    change(s);
    return !decodes<eye::Image>(bytes_of(eye::Image{s}));
  };
  const float bad = GetParam();
  EXPECT_TRUE(refused([&](Sight& s) { s.box[2] = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.quality.face_height_px = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.quality.roll_deg = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.eyes[1] = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.liveness = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.encodings.dlib.front() = bad; }));
  EXPECT_TRUE(refused([&](Sight& s) { s.encodings.feature.back() = bad; }));
  EXPECT_FALSE(decodes<eye::OpenCamera>(bytes_of(eye::OpenCamera{eye::Source::stills, bad, false, false})));
}
INSTANTIATE_TEST_SUITE_P(EyeMessage, NotFinite, testing::Values(kNaN, kInf, -kInf));

TEST(EyeMessage, a_share_beyond_its_range_fails) {
  for (const float bad : {-0.01F, 1.01F}) {
    Sight s = sample_sight(true);
    s.liveness = bad;
    EXPECT_FALSE(decodes<eye::Image>(bytes_of(eye::Image{s})));
    for (float Sight::*share : {&Sight::liveness_near, &Sight::surroundings, &Sight::eyes_open, &Sight::emitter}) {
      s = sample_sight(true);
      s.*share = bad;
      EXPECT_FALSE(decodes<eye::Image>(bytes_of(eye::Image{s})));
    }
  }
}

TEST(EyeMessage, enumerations_and_flags_out_of_range_fail) {
  auto open = bytes_of(eye::OpenCamera{});
  open[0] = 3;
  EXPECT_FALSE(decodes<eye::OpenCamera>(open));
  auto failed = bytes_of(eye::CameraFailed{});
  failed[0] = kErrcLast + 1;
  EXPECT_FALSE(decodes<eye::CameraFailed>(failed));
  auto image = bytes_of(eye::Image{sample_sight(false)});
  image[0] = kFaceIssueLast + 1;
  EXPECT_FALSE(decodes<eye::Image>(image));
  auto request = bytes_of(eye::EncodeImage{});
  request[0] = 2;
  EXPECT_FALSE(decodes<eye::EncodeImage>(request));
}

TEST(EyeMessage, a_time_that_no_clock_shows_fails) {
  EXPECT_TRUE(decodes<eye::Frame>(bytes_of(eye::Frame{1, eye::kTimeMaxNs, sample_sight(true)})));
  EXPECT_FALSE(decodes<eye::Frame>(bytes_of(eye::Frame{1, eye::kTimeMaxNs + 1, sample_sight(true)})));
}

TEST(EyeMessage, another_build_or_an_unterminated_model_name_is_not_ready) {
  eye::Ready ready;
  EXPECT_TRUE(decodes<eye::Ready>(bytes_of(ready)));
  ready.build_tag ^= 1;
  EXPECT_FALSE(decodes<eye::Ready>(bytes_of(ready)));
  ready = {};
  ready.liveness.fill('x');
  EXPECT_FALSE(decodes<eye::Ready>(bytes_of(ready)));
}

TEST(EyeMessage, an_unterminated_reason_is_refused) {
  eye::CameraFailed failed;
  failed.reason.fill('x');
  EXPECT_FALSE(decodes<eye::CameraFailed>(bytes_of(failed)));
  failed.reason.back() = '\0';
  EXPECT_TRUE(decodes<eye::CameraFailed>(bytes_of(failed)));
}

TEST(EyeMessage, without_a_face_no_encoding_travels) {
  Sight s = sample_sight(true);
  const auto with = bytes_of(eye::Image{s}).size();
  s.encoded = false;
  EXPECT_EQ(with - bytes_of(eye::Image{s}).size(), 4 * (kDlibDims + kFeatureDims));
}

}  // namespace
}  // namespace faceauth::test
