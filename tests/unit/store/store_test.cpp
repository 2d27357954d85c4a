#include "store_fixture.h"

#include <chrono>
#include <iostream>

namespace faceauth::test {
namespace {

class Operations : public StoreTest {};

TEST_F(Operations, AUserComesBackWholeAlsoAfterReopening) {
  {
    Store store = must_open();
    enroll(store, "ann", 1);
    EXPECT_TRUE(is_whole(store, "ann", 1));
    EXPECT_TRUE(is_closed(store, "bob", Errc::not_found));
  }
  const Store store = must_open();
  EXPECT_TRUE(is_whole(store, "ann", 1));
  EXPECT_TRUE(is_closed(store, "an", Errc::not_found));
  EXPECT_TRUE(is_closed(store, "annn", Errc::not_found));
  EXPECT_TRUE(is_closed(store, "", Errc::not_found));
  EXPECT_TRUE(is_closed(store, std::string(600, 'a'), Errc::not_found));
}

TEST_F(Operations, FilesAreForTheOwnerAlone) {
  const Store store = must_open();
  const std::pair<std::string, unsigned> expected[] = {
      {directory, 0700}, {data_path(), 0600}, {keyring_path(), 0600}, {directory + "/lock.mdb", 0600}};
  for (const auto& [path, mode] : expected) {
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0) << path;
    EXPECT_EQ(status.st_mode & 07777, mode) << path;
  }
}

TEST_F(Operations, NothingOfAUserIsReadableOnDisk) {
  {
    Store store = must_open();
    std::vector<Template> templates;
    templates.push_back(make_template(1, "label-in-clear"));
    const PasswordHash hash = make_hash("hash-in-clear");
    ASSERT_TRUE(store.enroll("ann", 1000, std::move(templates), &hash, {}, kNow));
  }
  const Template known = make_template(1);
  const std::string data = read_file(data_path());
  EXPECT_EQ(data.find("label-in-clear"), std::string::npos);
  EXPECT_EQ(data.find("hash-in-clear"), std::string::npos);
  EXPECT_EQ(data.find(std::string(reinterpret_cast<const char*>(known.encodings->dlib.data()), 32)), std::string::npos);
  EXPECT_NE(data.find(known.info.dlib_model), std::string::npos);  // the search itself works
}

TEST_F(Operations, EnrollingAgainAddsAndKeeps) {
  Store store = must_open();
  enroll(store, "ann", 1);
  ASSERT_TRUE(store.enroll("ann", 1001, make_templates(2, 2), nullptr, make_state(9), kNow + std::chrono::hours{1}));
  const auto user = store.user("ann");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->created, kNow);
  EXPECT_EQ(user->state, make_state(9));
  EXPECT_TRUE(user->has_password);
  const auto templates = store.templates("ann");
  ASSERT_TRUE(templates);
  ASSERT_EQ(templates->size(), 5u);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_TRUE(same((*templates)[i], i < 3 ? make_templates(1, 3)[i] : make_templates(2, 2)[i - 3])) << i;
  EXPECT_STREQ((*store.password("ann")).value()->data(), "hash of ann");

  const PasswordHash second = make_hash("second");
  ASSERT_TRUE(store.enroll("ann", 1001, {}, &second, {}, kNow));
  EXPECT_STREQ((*store.password("ann")).value()->data(), "second");
}

TEST_F(Operations, EnrollingRefusesAndChangesNothing) {
  Store store = must_open();
  enroll(store, "ann", 1);
  const auto refused = [&](const std::string& name, std::uint32_t uid, std::vector<Template> templates) {
    return code(store.enroll(name, uid, std::move(templates), nullptr, {}, kNow)) == Errc::invalid_argument;
  };
  EXPECT_TRUE(refused("ann", 1002, make_templates(3, 1))) << "another uid";
  EXPECT_TRUE(refused("ann", 1001, make_templates(1, 1))) << "an id twice";
  EXPECT_TRUE(refused("ann", 1001, make_templates(3, 62))) << "too many with those he has";
  EXPECT_TRUE(refused("bob", 1002, make_templates(3, 65))) << "too many at once";
  for (const std::string& name : {std::string(), std::string("a/b"), std::string("a\0b", 3), std::string(256, 'x')})
    EXPECT_TRUE(refused(name, 1, {}));
  const auto with = [](auto change) {
    std::vector<Template> templates = make_templates(5, 1);
    change(templates.front());
    return templates;
  };
  EXPECT_TRUE(refused("bob", 1, with([](Template& t) { t.info.label = std::string(65, 'l'); })));
  EXPECT_TRUE(refused("bob", 1, with([](Template& t) { t.info.label = std::string("a\0", 2); })));
  EXPECT_TRUE(refused("bob", 1, with([](Template& t) { t.info.source = std::string(17, 's'); })));
  EXPECT_TRUE(refused("bob", 1, with([](Template& t) { t.info.feature_model = std::string(65, 'm'); })));
  EXPECT_TRUE(refused("bob", 1, with([](Template& t) { const auto taken = std::move(t.encodings); })));

  EXPECT_TRUE(is_whole(store, "ann", 1));
  EXPECT_TRUE(is_closed(store, "bob", Errc::not_found));
  EXPECT_TRUE(store.enroll("ann", 1001, make_templates(3, 61), nullptr, {}, kNow)) << "exactly the maximum";
}

TEST_F(Operations, DrawsIdsWhereThereAreNone) {
  Store store = must_open();
  std::vector<Template> templates = make_templates(1, 3);
  for (Template& entry : templates) entry.info.id = {};
  ASSERT_TRUE(store.enroll("ann", 1000, std::move(templates), nullptr, {}, kNow));
  const auto user = store.user("ann");
  ASSERT_TRUE(user);
  ASSERT_EQ(user->templates.size(), 3u);
  EXPECT_NE(user->templates[0].id, user->templates[1].id);
  EXPECT_NE(user->templates[0].id, TemplateId{});
}

TEST_F(Operations, StateAndPasswordChangeAlone) {
  Store store = must_open();
  enroll(store, "ann", 1);
  enroll(store, "bob", 2);
  ASSERT_TRUE(store.set_state("ann", make_state(50)));
  EXPECT_EQ(store.user("ann")->state, make_state(50));
  EXPECT_EQ(store.user("ann")->templates.size(), 3u);
  ASSERT_TRUE(store.set_password("ann", make_hash("new")));
  EXPECT_STREQ((*store.password("ann")).value()->data(), "new");
  EXPECT_EQ(store.user("ann")->state, make_state(50));
  EXPECT_TRUE(is_whole(store, "bob", 2));
  EXPECT_EQ(code(store.set_state("eve", {})), Errc::not_found);
  EXPECT_EQ(code(store.set_password("eve", make_hash("x"))), Errc::not_found);
  EXPECT_TRUE(is_closed(store, "eve", Errc::not_found));
}

TEST_F(Operations, APasswordCanComeLater) {
  Store store = must_open();
  ASSERT_TRUE(store.enroll("ann", 1000, make_templates(1, 1), nullptr, {}, kNow));
  EXPECT_FALSE(store.user("ann")->has_password);
  EXPECT_FALSE(*store.password("ann"));
  ASSERT_TRUE(store.set_password("ann", make_hash("later")));
  EXPECT_TRUE(store.user("ann")->has_password);
  EXPECT_STREQ((*store.password("ann")).value()->data(), "later");
}

TEST_F(Operations, APasswordAndTheStateThatGoesWithItAreOneStep) {
  Store store = must_open();
  enroll(store, "ann", 1);
  const UserState fresh = make_state(7);
  ASSERT_TRUE(store.set_password("ann", make_hash("new"), nullptr, &fresh));
  EXPECT_STREQ((*store.password("ann")).value()->data(), "new");
  EXPECT_EQ(store.user("ann")->state, fresh);
  EXPECT_EQ(code(store.set_password("eve", make_hash("new"), nullptr, &fresh)), Errc::not_found);
  EXPECT_TRUE(is_closed(store, "eve", Errc::not_found));
}

TEST_F(Operations, SetStateRewritesOnlyTheState) {
  {
    Store store = must_open();
    enroll(store, "ann", 1);
  }
  const auto records = [&] {
    RawData raw(directory);
    return std::array{raw.all("users"), raw.all("passwords"), raw.all("templates"), raw.all("states")};
  };
  const auto before = records();
  {
    Store store = must_open();
    ASSERT_TRUE(store.set_state("ann", make_state(2)));
  }
  const auto after = records();
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
  EXPECT_EQ(after[2], before[2]);
  EXPECT_NE(after[3], before[3]);
}

TEST_F(Operations, TemplatesGoByLabel) {
  Store store = must_open();
  std::vector<Template> templates;
  for (std::uint32_t i = 0; i < 4; ++i) templates.push_back(make_template(i, i % 2 == 0 ? "desk" : "glasses"));
  ASSERT_TRUE(store.enroll("ann", 1000, std::move(templates), nullptr, {}, kNow));
  EXPECT_EQ(code(store.remove_templates("ann", "hat")), Errc::not_found);
  EXPECT_EQ(code(store.remove_templates("bob", "desk")), Errc::not_found);
  EXPECT_EQ(store.remove_templates("ann", "desk").value_or(0), 2u);
  ASSERT_EQ(store.user("ann")->templates.size(), 2u);
  EXPECT_EQ(store.user("ann")->templates[0].label, "glasses");
  EXPECT_EQ(store.remove_templates("ann", "glasses").value_or(0), 2u);
  EXPECT_TRUE(store.user("ann")->templates.empty());
  EXPECT_TRUE(store.templates("ann")->empty());
}

Template make_adapted(std::uint32_t seed) {
  Template entry = make_template(seed, kAdapted);
  entry.info.source = kAdapted;
  return entry;
}

std::vector<UnixTime> adapted_of(const Store& store) {
  std::vector<UnixTime> created;
  const auto user = store.user("ann");
  if (!user) return created;
  for (const TemplateInfo& info : user->templates)
    if (is_adapted(info)) created.push_back(info.created);
  return created;
}

TEST_F(Operations, AdaptedTemplatesAreBoundedAndTheOldestGoes) {
  Store store = must_open();
  enroll(store, "ann", 1);
  EXPECT_EQ(code(store.adapt("ann", make_template(9), 2)), Errc::invalid_argument) << "an enrolled one";
  EXPECT_EQ(code(store.adapt("bob", make_adapted(10), 2)), Errc::not_found);
  for (std::uint32_t seed = 10; seed < 14; ++seed) ASSERT_TRUE(store.adapt("ann", make_adapted(seed), 2));
  EXPECT_EQ(adapted_of(store), (std::vector{make_adapted(12).info.created, make_adapted(13).info.created}));
  ASSERT_TRUE(store.adapt("ann", make_adapted(14), 1));
  EXPECT_EQ(adapted_of(store), std::vector{make_adapted(14).info.created});
  EXPECT_EQ(store.user("ann")->templates.size(), 4u);
}

TEST_F(Operations, IncompleteTemplatesGoWithTheEnrolmentThatCompletesThemAndNoOthers) {
  Store store = must_open();
  const auto add = [&](std::uint32_t seed, bool incomplete, std::span<const TemplateId> completed = {}) {
    std::vector<Template> one;
    one.push_back(make_template(seed));
    if (incomplete) one[0].info.feature_model = kDlibOnly;
    return store.enroll("ann", 1001, std::move(one), nullptr, {}, kNow, nullptr, completed);
  };
  ASSERT_TRUE(add(1, false));
  ASSERT_TRUE(add(2, true));
  ASSERT_TRUE(add(3, true));
  const std::vector<TemplateInfo> before = store.user("ann")->templates;
  ASSERT_EQ(before.size(), 3u);
  // A whole one that is named stays.
  ASSERT_TRUE(add(4, false, std::vector{before[0].id, before[1].id}));
  const std::vector<TemplateInfo> after = store.user("ann")->templates;
  ASSERT_EQ(after.size(), 3u);
  EXPECT_EQ(after[0].id, before[0].id);
  EXPECT_EQ(after[1].id, before[2].id);
  EXPECT_TRUE(is_incomplete(after[1]));
  EXPECT_FALSE(is_incomplete(after[2]));
  EXPECT_EQ(store.templates("ann")->size(), 3u) << "what was counted is there";
}

TEST_F(Operations, AdaptedTemplatesStayBesideWhatOnlyWaitsToBeCompleted) {
  Store store = must_open();
  ASSERT_TRUE(store.enroll("ann", 1001, make_templates(1, 1), nullptr, {}, kNow));
  ASSERT_TRUE(store.adapt("ann", make_adapted(10), 2));
  std::vector<Template> imported = make_templates(20, 1);
  imported[0].info.feature_model = kDlibOnly;
  ASSERT_TRUE(store.enroll("ann", 1001, std::move(imported), nullptr, {}, kNow));
  EXPECT_EQ(adapted_of(store).size(), 1u);
  ASSERT_TRUE(store.enroll("ann", 1001, make_templates(30, 1), nullptr, {}, kNow));
  EXPECT_TRUE(adapted_of(store).empty());
}

TEST_F(Operations, AdaptedTemplatesFallWithAChangeOfTheOthersAndByTheirLabelAlone) {
  Store store = must_open();
  enroll(store, "ann", 1);
  ASSERT_TRUE(store.adapt("ann", make_adapted(10), 2));
  ASSERT_TRUE(store.enroll("ann", 1001, {}, nullptr, {}, kNow)) << "adds nothing";
  EXPECT_EQ(adapted_of(store).size(), 1u);
  std::vector<Template> more;
  more.push_back(make_template(20, "hat"));
  ASSERT_TRUE(store.enroll("ann", 1001, std::move(more), nullptr, {}, kNow));
  EXPECT_TRUE(adapted_of(store).empty());
  ASSERT_TRUE(store.adapt("ann", make_adapted(11), 2));
  EXPECT_EQ(store.remove_templates("ann", kAdapted).value_or(0), 1u);
  EXPECT_EQ(store.user("ann")->templates.size(), 4u);
  ASSERT_TRUE(store.adapt("ann", make_adapted(12), 2));
  EXPECT_EQ(store.remove_templates("ann", "hat").value_or(0), 1u);
  EXPECT_TRUE(adapted_of(store).empty());
  EXPECT_EQ(store.user("ann")->templates.size(), 3u);
}

TEST_F(Operations, WhatAUserWasNotToldIsKept) {
  UserState state = make_state(3);
  state.untold = {Change::face_registered, kNow, 1000, 65'535};
  {
    Store store = must_open();
    enroll(store, "ann", 1);
    ASSERT_TRUE(store.set_state("ann", state));
  }
  Store store = must_open();
  EXPECT_EQ(store.user("ann")->state, state);
}

TEST_F(Operations, RemovedUsersAreGoneAndCanComeAgain) {
  {
    Store store = must_open();
    enroll(store, "ann", 1);
    enroll(store, "anna", 2);
    ASSERT_TRUE(store.remove_user("ann"));
    EXPECT_TRUE(is_closed(store, "ann", Errc::not_found));
    EXPECT_EQ(code(store.remove_user("ann")), Errc::not_found);
    EXPECT_TRUE(is_whole(store, "anna", 2));
    EXPECT_EQ(store.figures()->templates, 3u);
  }
  {
    RawData raw(directory);
    for (const char* database : {"users", "states", "passwords"}) EXPECT_EQ(raw.all(database).size(), 1u) << database;
  }
  Store store = must_open();
  enroll(store, "ann", 3);
  EXPECT_TRUE(is_whole(store, "ann", 3));
  EXPECT_TRUE(is_whole(store, "anna", 2));
}

TEST_F(Operations, ListsInOrderFromAnywhereAndStops) {
  Store store = must_open();
  std::vector<std::string> expected;
  for (std::uint32_t i = 0; i < 150; ++i) {
    expected.push_back("user" + std::to_string(1000 + i));
    ASSERT_TRUE(store.enroll(expected.back(), i, make_templates(i, 1), nullptr, {}, kNow));
  }
  const auto names = [&](std::string_view after, std::size_t at_most) {
    std::vector<std::string> seen;
    const auto done = store.for_each_user(after, [&](const UserSummary& user) {
      EXPECT_EQ(user.templates.size(), 1u);
      seen.push_back(user.name);
      return seen.size() < at_most;
    });
    EXPECT_TRUE(done);
    return seen;
  };
  EXPECT_EQ(names("", 1000), expected);
  EXPECT_EQ(names("", 70), (std::vector(expected.begin(), expected.begin() + 70)));
  EXPECT_EQ(names("user1099", 1000), (std::vector(expected.begin() + 100, expected.end())));
  EXPECT_EQ(names("user1099x", 1000), (std::vector(expected.begin() + 100, expected.end())));
  EXPECT_TRUE(names("zzz", 1000).empty());
}

TEST_F(Operations, AVisitorMayChangeTheStore) {
  Store store = must_open();
  for (std::uint32_t i = 0; i < 70; ++i) enroll(store, "user" + std::to_string(100 + i), i, 1);
  std::size_t seen = 0;
  ASSERT_TRUE(store.for_each_user("", [&](const UserSummary& user) {
    ++seen;
    EXPECT_TRUE(store.remove_user(user.name));
    return true;
  }));
  EXPECT_EQ(seen, 70u);
  EXPECT_EQ(store.figures()->users, 0u);
}

// One user's reads cost the same in a full store: work depends on him alone and on the depth of the trees.
TEST_F(Operations, AThousandUsers) {
  constexpr std::uint32_t kUsers = 1000;
  const std::string small = temp / "small";
  auto one = Store::open(small, master);
  auto many = Store::open(directory, master);
  ASSERT_TRUE(one && many);
  enroll(*one, "user500", 500);
  for (std::uint32_t i = 0; i < kUsers; ++i) enroll(*many, "user" + std::to_string(i), i);
  const auto figures = many->figures();
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->users, kUsers);
  EXPECT_EQ(figures->templates, 3 * kUsers);
  EXPECT_GT(figures->bytes, 3 * kUsers * sizeof(Encodings));
  EXPECT_LT(figures->bytes, 20u << 20);

  using Clock = std::chrono::steady_clock;
  const auto read = [](const Store& store) {
    const auto start = Clock::now();
    EXPECT_TRUE(store.user("user500"));
    EXPECT_TRUE(store.templates("user500"));
    return Clock::now() - start;
  };
  auto best_one = Clock::duration::max(), best_many = Clock::duration::max();
  for (int i = 0; i < 300; ++i) {
    best_one = std::min(best_one, read(*one));
    best_many = std::min(best_many, read(*many));
  }
  const double ratio = static_cast<double>(best_many.count()) / static_cast<double>(best_one.count());

  std::uint32_t listed = 0;
  const auto list_start = Clock::now();
  ASSERT_TRUE(many->for_each_user("", [&](const UserSummary& user) {
    listed += user.templates.size() == 3;
    return true;
  }));
  const auto list_time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - list_start);
  EXPECT_EQ(listed, kUsers);
  std::cout << "1,000 users x 3 templates: " << figures->bytes << " bytes on disk; user()+templates() in "
            << std::chrono::duration_cast<std::chrono::microseconds>(best_many).count() << " us, " << ratio
            << " times that of 1 user; listing all: " << list_time.count() << " ms\n";
  EXPECT_LT(ratio, 2.0);  // reading all would be several hundred; the benchmark holds the tight bound

  many = fail(Errc::cancelled, "closed");
  RawData raw(directory);
  EXPECT_LE(raw.stat("templates").ms_depth, 4u);
}

}  // namespace
}  // namespace faceauth::test
