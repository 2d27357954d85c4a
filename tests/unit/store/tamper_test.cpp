// What somebody can do who writes into data.mdb without the keys: every change ends in a refusal.
#include "store_fixture.h"

namespace faceauth::test {
namespace {

class Tampering : public StoreTest {
 protected:
  void SetUp() override {
    Store store = must_open();
    enroll(store, "ann", 1);
    enroll(store, "bob", 1);  // uid and all else as ann's: only the name tells them apart
    enroll(store, "eve", 2);
  }
  // Nobody sees through another's eyes: a user opens as he was enrolled, or with an error.
  static bool right_or_refused(const Store& store, const std::string& name, std::uint32_t seed) {
    const auto user = store.user(name);
    if (user && (user->uid != 1000 + seed || !(user->state == make_state(seed)) || user->templates.size() != 3 ||
                 !user->has_password))
      return false;
    const auto templates = store.templates(name);
    if (templates && !std::ranges::equal(*templates, make_templates(seed, 3), same)) return false;
    const auto hash = store.password(name);
    if (hash && (!*hash || std::string_view((*hash).value()->data()) != "hash of " + name)) return false;
    for (const Errc seen : {code(user), code(templates), code(hash)})
      if (seen != Errc::ok && seen != Errc::corrupt && seen != Errc::not_found) return false;
    return true;
  }
  static std::string template_record_key(const std::string& name, std::uint32_t seed, std::size_t n) {
    return format::template_key(name, make_templates(seed, 3)[n].info.id);
  }
};

TEST_F(Tampering, RecordsMovedFromOneUserToAnotherAreRefused) {
  const std::string good = read_file(data_path());
  for (const char* victim : {"ann", "bob"}) {
    for (const char* database : {"users", "states", "passwords"}) {
      write_file(data_path(), good);
      {
        RawData raw(directory);
        raw.put(database, victim, raw.get(database, "eve"));
      }
      const Store store = must_open();
      const std::string which = std::string(database) + " of eve to " + victim;
      EXPECT_EQ(code(store.user(victim)) == Errc::corrupt || code(store.password(victim)) == Errc::corrupt, true)
          << which;
      EXPECT_TRUE(right_or_refused(store, victim, 1)) << which;
      EXPECT_TRUE(is_whole(store, "eve", 2)) << which;
    }
  }
}

TEST_F(Tampering, RecordsMovedBetweenUsersOfOneUidAreRefused) {
  const std::string good = read_file(data_path());
  for (const char* database : {"users", "states", "passwords"}) {
    write_file(data_path(), good);
    {
      RawData raw(directory);
      raw.put(database, "ann", raw.get(database, "bob"));
    }
    const Store store = must_open();
    const bool is_password = std::string(database) == "passwords";
    EXPECT_EQ(is_password ? code(store.password("ann")) : code(store.user("ann")), Errc::corrupt) << database;
  }
}

TEST_F(Tampering, AllRecordsOfAUserMovedTogetherAreRefused) {
  {
    RawData raw(directory);
    for (const char* database : {"users", "states", "passwords"}) raw.put(database, "ann", raw.get(database, "eve"));
    for (std::size_t n = 0; n < 3; ++n) {
      raw.erase("templates", template_record_key("ann", 1, n));
      raw.put("templates", template_record_key("ann", 2, n), raw.get("templates", template_record_key("eve", 2, n)));
    }
  }
  const Store store = must_open();
  EXPECT_TRUE(is_closed(store, "ann", Errc::corrupt));
  EXPECT_TRUE(is_whole(store, "eve", 2));
}

TEST_F(Tampering, ANewNameForAUsersRecordsIsRefused) {
  {
    RawData raw(directory);
    for (const char* database : {"users", "states", "passwords"}) raw.put(database, "root", raw.get(database, "eve"));
    for (std::size_t n = 0; n < 3; ++n)
      raw.put("templates", template_record_key("root", 2, n), raw.get("templates", template_record_key("eve", 2, n)));
  }
  const Store store = must_open();
  EXPECT_TRUE(is_closed(store, "root", Errc::corrupt));
  EXPECT_TRUE(is_whole(store, "eve", 2));
}

TEST_F(Tampering, TemplatesMovedBetweenUsersOrSlotsAreRefused) {
  const std::string good = read_file(data_path());
  const auto refused_after = [&](const std::function<void(RawData&)>& change) {
    write_file(data_path(), good);
    {
      RawData raw(directory);
      change(raw);
    }
    const Store store = must_open();
    EXPECT_TRUE(right_or_refused(store, "ann", 1));
    return code(store.user("ann")) == Errc::corrupt && code(store.templates("ann")) == Errc::corrupt;
  };
  const std::string a0 = template_record_key("ann", 1, 0), a1 = template_record_key("ann", 1, 1);
  EXPECT_TRUE(refused_after([&](RawData& raw) { raw.put("templates", a0, raw.get("templates", a1)); })) << "slot";
  EXPECT_TRUE(refused_after([&](RawData& raw) {
    raw.put("templates", a0, raw.get("templates", template_record_key("eve", 2, 0)));
  })) << "user";
  EXPECT_TRUE(refused_after([&](RawData& raw) {
    raw.put("templates", template_record_key("ann", 2, 0), raw.get("templates", template_record_key("eve", 2, 0)));
  })) << "one more";
  EXPECT_TRUE(refused_after([&](RawData& raw) { raw.erase("templates", a0); })) << "one less";
  EXPECT_TRUE(refused_after([&](RawData& raw) {
    raw.put("templates", format::template_prefix("ann") + "odd", raw.get("templates", a0));
  })) << "odd key";
}

TEST_F(Tampering, EncodingsOfAnotherSlotOrModelAreRefused) {
  const std::string a0 = template_record_key("ann", 1, 0), a1 = template_record_key("ann", 1, 1);
  const auto rebuilt = [&](RawData& raw,
                           const std::function<void(format::TemplateRecord&, format::TemplateRecord&)>& change) {
    const std::string one = raw.get("templates", a0), two = raw.get("templates", a1);
    auto first = format::decode_template(as_view(one)), second = format::decode_template(as_view(two));
    change(*first, *second);
    const format::Blob record = format::encode(*first);
    raw.put("templates", a0, std::string(as_text(record)));
  };
  const std::string good = read_file(data_path());
  {
    RawData raw(directory);
    rebuilt(raw, [](auto& first, auto& second) { first.encodings = second.encodings; });
  }
  EXPECT_EQ(code(must_open().templates("ann")), Errc::corrupt);
  EXPECT_TRUE(right_or_refused(must_open(), "ann", 1));
  for (const bool dlib : {true, false}) {
    write_file(data_path(), good);
    {
      RawData raw(directory);
      rebuilt(raw, [&](auto& first, auto&) { (dlib ? first.dlib_model : first.feature_model) = "another:model"; });
    }
    EXPECT_EQ(code(must_open().templates("ann")), Errc::corrupt);
    EXPECT_EQ(code(must_open().user("ann")), Errc::corrupt);
  }
}

TEST_F(Tampering, MissingRecordsAreNoticed) {
  const std::string good = read_file(data_path());
  for (const char* database : {"states", "passwords"}) {
    write_file(data_path(), good);
    {
      RawData raw(directory);
      raw.erase(database, "ann");
    }
    EXPECT_EQ(code(must_open().user("ann")), Errc::corrupt) << database;
  }
}

TEST_F(Tampering, ListingNamesTheDamagedUserAfterThoseBeforeHim) {
  {
    RawData raw(directory);
    raw.put("states", "bob", "garbage");
  }
  const Store store = must_open();
  std::vector<std::string> seen;
  const auto done = store.for_each_user("", [&](const UserSummary& user) {
    seen.push_back(user.name);
    return true;
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::corrupt);
  EXPECT_NE(done.error().message.find("bob"), std::string::npos) << done.error().message;
  EXPECT_EQ(seen, std::vector<std::string>{"ann"});
}

TEST_F(Tampering, NamesThatAreNoneAreRefusedWithoutAWordOfThem) {
  {
    RawData raw(directory);
    raw.put("users", std::string("a\n\0b", 4), raw.get("users", "ann"));
  }
  const Store store = must_open();
  const auto done = store.for_each_user("", [](const UserSummary&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::corrupt);
  EXPECT_EQ(done.error().message.find('\n'), std::string::npos);
  EXPECT_TRUE(is_whole(store, "ann", 1));
}

// Flipped bits, cut and grown values in every database: each read is right or refused, and nothing crashes.
TEST_F(Tampering, RandomDamageIsRightOrRefused) {
  std::map<const char*, RawData::Records> good;
  {
    RawData raw(directory);
    for (const char* database : {"users", "states", "passwords", "templates"}) good[database] = raw.all(database);
  }
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 100; ++round) {
    auto database = good.begin();
    std::advance(database, random() % good.size());
    auto record = database->second.begin();
    std::advance(record, random() % database->second.size());
    std::string value = record->second;
    switch (random() % 4) {
      case 0:
        value.resize(random() % value.size());
        break;
      case 1:
        value += static_cast<char>(random());
        break;
      default:
        value[random() % value.size()] ^= static_cast<char>(1 << (random() % 8));
    }
    {
      RawData raw(directory);
      raw.put(database->first, record->first, value);
    }
    {
      auto store = open();
      ASSERT_TRUE(store) << store.error().message;
      EXPECT_TRUE(right_or_refused(*store, "ann", 1));
      EXPECT_TRUE(right_or_refused(*store, "bob", 1));
      EXPECT_TRUE(right_or_refused(*store, "eve", 2));
      refused += is_whole(*store, "ann", 1) && is_whole(*store, "bob", 1) && is_whole(*store, "eve", 2) ? 0 : 1;
      static_cast<void>(store->for_each_user("", [](const UserSummary&) { return true; }));
    }
    RawData raw(directory);
    raw.put(database->first, record->first, record->second);
  }
  EXPECT_EQ(refused, 100) << "every damage is noticed by somebody's read";
  const Store store = must_open();
  EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "bob", 1) && is_whole(store, "eve", 2));
}

}  // namespace
}  // namespace faceauth::test
