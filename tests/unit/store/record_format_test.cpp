#include "store_fixture.h"

#include <set>

namespace faceauth::format {
namespace {

using test::make_state;

TEST(RecordFormat, HeaderBodyAndStateComeBack) {
  UserHeader header{.uid = 4242, .created = test::kNow, .key = {1, 2, 3}};
  const auto read = decode_header(encode(header));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->uid, header.uid);
  EXPECT_EQ(read->created, header.created);
  EXPECT_EQ(read->key, header.key);

  const auto body = decode_body(encode(UserBody{.has_password = true, .templates = 64, .next_sequence = 70'000}));
  ASSERT_TRUE(body);
  EXPECT_TRUE(body->has_password);
  EXPECT_EQ(body->templates, 64);
  EXPECT_EQ(body->next_sequence, 70'000u);

  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    UserState state = make_state(seed);
    state.switched_off = seed % 2 == 0;
    state.password_stale = seed > 1;
    state.password_locked_until = UnixTime{std::chrono::seconds{-5}};
    EXPECT_EQ(decode_state(encode(state)), state);
  }
}

TEST(RecordFormat, TemplatesComeBack) {
  const Blob detail = encode(TemplateDetail{7, test::kNow, std::string(64, 'l'), "camera"});
  const auto read = decode_detail(detail);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, 7u);
  EXPECT_EQ(read->created, test::kNow);
  EXPECT_EQ(read->label, std::string(64, 'l'));
  EXPECT_EQ(read->source, "camera");

  const Blob record = encode(TemplateRecord{"dlib:1", "feature:2", detail, detail});
  const auto parts = decode_template(record);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->dlib_model, "dlib:1");
  EXPECT_EQ(parts->feature_model, "feature:2");
  EXPECT_TRUE(std::ranges::equal(parts->detail, detail));
}

template <class Encoded, class Decode>
void refuses_other_lengths(const Encoded& encoded, Decode decode) {
  const View all(encoded);
  EXPECT_TRUE(decode(all));
  for (std::size_t size = 0; size < all.size(); ++size) EXPECT_FALSE(decode(all.first(size))) << size;
  Blob longer(all.begin(), all.end());
  longer.push_back(0);
  EXPECT_FALSE(decode(longer));
}

TEST(RecordFormat, RefusesEveryOtherLength) {
  refuses_other_lengths(encode(UserHeader{}), decode_header);
  refuses_other_lengths(encode(UserBody{}), decode_body);
  refuses_other_lengths(encode(UserState{}), decode_state);
  refuses_other_lengths(encode_counters(UserState{}), decode_counters);
  refuses_other_lengths(encode(TemplateDetail{1, {}, "label", "photo"}), decode_detail);
  const Blob part(50);
  refuses_other_lengths(encode(TemplateRecord{"a", "b", part, part}), decode_template);
}

TEST(RecordFormat, RefusesOtherFormatsAndFlagsThatAreNone) {
  auto header = encode(UserHeader{});
  header[0] = kRecord + 1;
  EXPECT_FALSE(decode_header(header));
  auto body = encode(UserBody{});
  body[0] = 2;
  EXPECT_FALSE(decode_body(body));
}

TEST(RecordFormat, DecodersSurviveGarbage) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Blob garbage(random() % 300);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random() % 5);
    static_cast<void>(decode_header(garbage));
    static_cast<void>(decode_body(garbage));
    static_cast<void>(decode_state(garbage));
    static_cast<void>(decode_detail(garbage));
    const auto parts = decode_template(garbage);
    if (parts) {
      EXPECT_LE(parts->detail.size() + parts->encodings.size(), garbage.size());
    }
  }
}

TEST(RecordFormat, NoTwoPlacesShareTheirAssociatedData) {
  const StoreId store{1}, other_store{2};
  const Blob id{1, 2, 3};
  const Place base{
      .kind = Kind::encodings, .user = "ann", .uid = 1000, .record = id, .dlib_model = "d", .feature_model = "f"};
  const auto text = [](const Blob& data) { return std::string(as_text(data)); };
  std::set<std::string> seen{text(associated_data(store, base)), text(associated_data(other_store, base))};
  const auto add = [&](auto change) {
    Place place = base;
    change(place);
    seen.insert(text(associated_data(store, place)));
  };
  add([](Place& p) { p.kind = Kind::template_detail; });
  add([](Place& p) { p.user = "bob"; });
  add([](Place& p) { p.uid = 1001; });
  add([](Place& p) { p.record = {}; });
  add([](Place& p) { p.dlib_model = "e"; });
  add([](Place& p) { p.feature_model = "g"; });
  add([](Place& p) { p.dlib_model = "df", p.feature_model = ""; });
  add([](Place& p) { p.dlib_model = "", p.feature_model = "df"; });
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_FALSE(seen.contains(""));
}

TEST(RecordFormat, LongestPlaceFits) {
  const std::string name(limits::kUserNameMax, 'u'), model(kModelMax, 'm');
  const Blob record(64);
  const Blob data = associated_data(
      {},
      {.kind = Kind::encodings, .user = name, .uid = 1, .record = record, .dlib_model = model, .feature_model = model});
  EXPECT_GT(data.size(), name.size() + 2 * model.size() + record.size());
}

TEST(RecordFormat, UserNames) {
  EXPECT_TRUE(is_user_name("ann"));
  EXPECT_TRUE(is_user_name("ann@example.org"));
  EXPECT_TRUE(is_user_name(std::string(255, 'x')));
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a/b"), std::string("a\0b", 3)})
    EXPECT_FALSE(is_user_name(name));
  EXPECT_EQ(printable("a\nb\x1b"), "a?b?");
}

}  // namespace
}  // namespace faceauth::format
