// The protocol between the clients and the keeper (include/faceauth/protocol.h).
#include <unit/protocol/samples.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace faceauth::test {
namespace {

using wire::Type;

TEST(WireBody, survives_the_round_trip) {
  each(wire_samples(), [](const auto& sample) {
    std::decay_t<decltype(sample)> back;
    const auto bytes = bytes_of(sample);
    ASSERT_TRUE(decodes(bytes, back)) << typeid(sample).name();
    EXPECT_EQ(bytes_of(back), bytes) << typeid(sample).name();
  });
}

TEST(WireBody, fields_arrive_as_they_were_sent) {
  const auto begin = std::get<wire::AuthBegin>(wire_samples());
  wire::AuthBegin back;
  const auto bytes = bytes_of(begin);  // decoded text borrows it
  ASSERT_TRUE(decodes(bytes, back));
  EXPECT_EQ(std::string(back.user.data, back.user.size), "alice");
  EXPECT_EQ(std::string(back.service.data, back.service.size), "sudo");
  EXPECT_EQ(std::string(back.tty.data, back.tty.size), "tty1");
  EXPECT_EQ(std::string(back.rhost.data, back.rhost.size), "host.example");
  EXPECT_EQ(back.factors, Factors::face_and_password);
  EXPECT_EQ(back.intent, Intent::gesture);
  EXPECT_EQ(back.timeout_ms, 5000u);
  EXPECT_TRUE(back.password_at_hand);
  EXPECT_FALSE(back.may_prompt);
}

TEST(WireBody, every_truncation_fails) {
  each(wire_samples(), [](const auto& sample) {
    const auto whole = bytes_of(sample);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_FALSE(decodes<std::decay_t<decltype(sample)>>(part)) << typeid(sample).name() << " cut to " << n;
    }
  });
}

TEST(WireBody, a_byte_left_over_fails) {
  each(wire_samples(), [](const auto& sample) {
    auto longer = bytes_of(sample);
    longer.push_back(0);
    EXPECT_FALSE(decodes<std::decay_t<decltype(sample)>>(longer)) << typeid(sample).name();
  });
}

// The first byte of `body`'s encoding, set to the last legal value and to one more.
template <class Body>
void check_first_enum(const Body& body, std::uint8_t last) {
  auto bytes = bytes_of(body);
  bytes[0] = last;
  EXPECT_TRUE(decodes<Body>(bytes)) << typeid(Body).name();
  bytes[0] = static_cast<std::uint8_t>(last + 1);
  EXPECT_FALSE(decodes<Body>(bytes)) << typeid(Body).name();
  bytes[0] = 255;
  EXPECT_FALSE(decodes<Body>(bytes)) << typeid(Body).name();
}
TEST(WireBody, enumerations_out_of_range_fail) {
  check_first_enum(wire::Answer{}, wire::kAnswersLast);
  check_first_enum(wire::Ask{}, wire::kAsksLast);
  check_first_enum(wire::NoticeBody{}, wire::kNoticeLast);
  check_first_enum(wire::VerdictBody{}, kVerdictLast);
  check_first_enum(wire::ImageResult{}, kFaceIssueLast);
  check_first_enum(wire::Reported{}, kErrcLast);
  check_first_enum(wire::Failure{}, kErrcLast);
}
TEST(WireBody, enumerations_and_flags_inside_a_body_are_checked_too) {
  const auto plain = bytes_of(wire::AuthBegin{});  // four empty texts: factors at 8, intent at 9, flags at 14 to 16
  ASSERT_TRUE(decodes<wire::AuthBegin>(plain));
  for (const auto& [at, value] :
       {std::pair<std::size_t, int>{8, kFactorsLast + 1}, {9, kIntentLast + 1}, {14, 2}, {15, 2}, {16, 2}}) {
    auto bytes = plain;
    bytes[at] = static_cast<std::uint8_t>(value);
    EXPECT_FALSE(decodes<wire::AuthBegin>(bytes)) << at;
  }
}
TEST(WireBody, the_detail_of_a_notice_is_one_of_its_kind) {
  EXPECT_TRUE(decodes<wire::NoticeBody>({1, kFaceIssueLast, 0}));
  EXPECT_FALSE(decodes<wire::NoticeBody>({1, kFaceIssueLast + 1, 0}));
  EXPECT_TRUE(decodes<wire::NoticeBody>({2, 200, 255}));  // a count, not an issue
  EXPECT_TRUE(decodes<wire::NoticeBody>({4, kMovementLast, 0}));
  EXPECT_FALSE(decodes<wire::NoticeBody>({4, kMovementLast + 1, 0}));
  EXPECT_TRUE(decodes<wire::NoticeBody>({0, wire::kTypingLast, 0}));
  EXPECT_FALSE(decodes<wire::NoticeBody>({0, wire::kTypingLast + 1, 0}));
}

TEST(WireBody, text_with_a_nul_fails) {
  EXPECT_TRUE(decodes<wire::UserOnly>({5, 0, 'a', 'l', 'i', 'c', 'e'}));
  EXPECT_FALSE(decodes<wire::UserOnly>({5, 0, 'a', 'l', 0, 'c', 'e'}));
  EXPECT_FALSE(decodes<wire::UserOnly>({5, 0, 'a', 'l', 'i', 'c', 0}));
}

template <class Body>
void check_limit(Body body, wire::Text Body::*field, std::size_t max) {
  const std::string longest(max, 'x'), longer(max + 1, 'x');
  body.*field = text(longest);
  const auto bytes = bytes_of(body);
  EXPECT_TRUE(decodes<Body>(bytes)) << typeid(Body).name();
  body.*field = text(longer);
  EXPECT_TRUE(bytes_of(body).empty()) << typeid(Body).name();
}
TEST(WireBody, text_has_limits) {
  check_limit(wire::AuthBegin{}, &wire::AuthBegin::user, limits::kUserNameMax);
  check_limit(wire::AuthBegin{}, &wire::AuthBegin::service, limits::kServiceMax);
  check_limit(wire::AuthBegin{}, &wire::AuthBegin::tty, limits::kTtyMax);
  check_limit(wire::AuthBegin{}, &wire::AuthBegin::rhost, limits::kHostMax);
  check_limit(wire::Answer{}, &wire::Answer::password, limits::kPasswordMax);
  check_limit(wire::SetPassword{}, &wire::SetPassword::password, limits::kPasswordMax);
  check_limit(wire::EnrollBegin{}, &wire::EnrollBegin::label, limits::kLabelMax);
  check_limit(wire::VerdictBody{}, &wire::VerdictBody::user, limits::kUserNameMax);
  check_limit(wire::VerdictBody{}, &wire::VerdictBody::news, wire::kNewsMax);
  check_limit(wire::Reported{}, &wire::Reported::news, wire::kNewsMax);
  check_limit(wire::Ask{}, &wire::Ask::asker, wire::kAskerMax);
  check_limit(wire::Failure{}, &wire::Failure::detail, limits::kDetailMax);
}
TEST(WireBody, a_limit_holds_for_the_decoder_too) {
  std::vector<std::uint8_t> bytes(2 + limits::kUserNameMax + 1, 'x');
  bytes[0] = (limits::kUserNameMax + 1) & 0xff;
  bytes[1] = (limits::kUserNameMax + 1) >> 8;
  EXPECT_FALSE(decodes<wire::UserOnly>(bytes));
}

const wire::Nonce kNonce{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

TEST(WireFrame, has_the_documented_layout) {
  std::uint8_t out[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(out, Type::ask, kNonce, wire::Ask{wire::Asks::enter, text("vi")});
  const std::vector<std::uint8_t> expected{
      25, 0, 0, 0, wire::kVersion, 65, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 2, 0, 'v', 'i'};
  EXPECT_EQ(std::vector<std::uint8_t>(out, out + size), expected);
}

TEST(WireFrame, every_sample_fits_and_its_header_reads_back) {
  each(wire_samples(), [](const auto& sample) {
    std::uint8_t out[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(out, Type::notice, kNonce, sample);
    ASSERT_GE(size, wire::kHeaderSize);
    std::uint8_t head[wire::kHeaderSize];
    std::memcpy(head, out, sizeof head);
    wire::Header header;
    ASSERT_TRUE(wire::decode_header(head, header));
    EXPECT_EQ(header.type, Type::notice);
    EXPECT_TRUE(header.nonce == kNonce);
    EXPECT_EQ(header.body_size, size - wire::kHeaderSize);
  });
}

TEST(WireFrame, a_field_above_its_limit_makes_no_frame) {
  const std::string longer(limits::kUserNameMax + 1, 'x');
  std::uint8_t out[limits::kFrameMax];
  EXPECT_EQ(wire::encode_frame(out, Type::unlock, kNonce, wire::UserOnly{text(longer)}), 0u);
}

TEST(WireFrame, the_largest_message_of_each_kind_fits_one_frame) {
  const std::string user(limits::kUserNameMax, 'u'), label(limits::kLabelMax, 'l'), detail(limits::kDetailMax, 'd'),
      password(limits::kPasswordMax, 'p'), host(limits::kHostMax, 'h'), tty(limits::kTtyMax, 't'),
      service(limits::kServiceMax, 's');
  std::uint8_t out[limits::kFrameMax];
  wire::AuthBegin begin;
  begin.user = text(user), begin.service = text(service), begin.tty = text(tty), begin.rhost = text(host);
  EXPECT_GT(wire::encode_frame(out, Type::auth_begin, kNonce, begin), 0u);
  EXPECT_GT(wire::encode_frame(out, Type::enroll_begin, kNonce,
                               wire::EnrollBegin{text(user), text(label), true, true, text(password)}),
            0u);
  wire::StatusResult status;
  status.version = text(label), status.camera = text(detail);
  for (wire::Text& model : status.models) model = text(label);
  EXPECT_GT(wire::encode_frame(out, Type::status_result, kNonce, status), 0u);
}

bool header_passes(std::size_t at, std::uint8_t value) {
  std::uint8_t head[wire::kHeaderSize] = {20, 0, 0, 0, wire::kVersion, 64};
  head[at] = value;
  wire::Header header;
  return wire::decode_header(head, header);
}
TEST(WireHeader, is_checked) {
  EXPECT_TRUE(header_passes(5, 64));
  EXPECT_TRUE(header_passes(5, 255)) << "an unknown type is for the receiver's table to refuse";
  EXPECT_FALSE(header_passes(4, 0)) << "version";
  EXPECT_FALSE(header_passes(4, wire::kVersion + 1)) << "version";
  EXPECT_FALSE(header_passes(6, 1)) << "reserved";
  EXPECT_FALSE(header_passes(7, 0x80)) << "reserved";
  EXPECT_FALSE(header_passes(0, 19)) << "smaller than a header";
  EXPECT_FALSE(header_passes(0, 0)) << "empty";
  EXPECT_FALSE(header_passes(2, 1)) << "64 KiB";
  EXPECT_FALSE(header_passes(3, 0xff)) << "4 GiB";
}
TEST(WireHeader, the_largest_frame_is_4096_bytes) {
  const auto passes = [](std::size_t size) {
    std::uint8_t head[wire::kHeaderSize] = {
        static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8), 0, 0, wire::kVersion, 64};
    wire::Header header;
    return wire::decode_header(head, header);
  };
  EXPECT_TRUE(passes(4096 - 4));
  EXPECT_FALSE(passes(4096 - 3));
}

TEST(Vocabulary, names_are_there_and_distinct) {
  std::set<std::string> verdicts, errors, issues;
  for (unsigned i = 0; i <= kVerdictLast; ++i) verdicts.insert(verdict_name(static_cast<Verdict>(i)));
  for (unsigned i = 0; i <= kErrcLast; ++i) errors.insert(errc_name(static_cast<Errc>(i)));
  for (unsigned i = 0; i <= kFaceIssueLast; ++i) issues.insert(face_issue_name(static_cast<FaceIssue>(i)));
  EXPECT_EQ(verdicts.size(), kVerdictLast + 1u);
  EXPECT_EQ(errors.size(), kErrcLast + 1u);
  EXPECT_EQ(issues.size(), kFaceIssueLast + 1u);
}

}  // namespace
}  // namespace faceauth::test
