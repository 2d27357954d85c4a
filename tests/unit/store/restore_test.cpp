// Backups as items, and stores that take them in.
#include "store_fixture.h"

#include <faced/store/backup_format.h>

namespace faceauth::test {
namespace {

class Items final : public RestoreSource {
 public:
  explicit Items(const Store& store) {
    backup::Totals totals;
    add(backup::encode_start(kNow));
    EXPECT_TRUE(store.for_each_user("", [&](const UserSummary& user) {
      const auto hash = store.password(user.name);
      add(backup::encode(user, *hash ? &**hash : nullptr));
      const auto templates = store.templates(user.name);
      for (const Template& entry : *templates) add(backup::encode(entry));
      ++totals.users;
      totals.templates += user.templates.size();
      return true;
    }));
    add(backup::encode_end(totals));
    users = totals.users;
  }
  Result<void> rewind() override {
    ++rewinds;
    at_ = 0;
    parser_ = {};
    return {};
  }
  Result<std::optional<BackupUser>> next() override {
    while (at_ < all.size()) {
      if (at_ == fails_at) return fail(Errc::io, "the medium failed");
      const std::string& item = all[at_++];
      auto user = parser_.take(as_view(item), at_ == all.size());
      if (!user || *user) return user;
    }
    if (!parser_.ended()) return fail(Errc::corrupt, "no end");
    return std::optional<BackupUser>{};
  }

  std::vector<std::string> all;
  std::uint64_t users = 0;
  std::size_t fails_at = ~std::size_t{0};
  int rewinds = 0;

 private:
  void add(const SecretBytes& item) { all.emplace_back(as_text(item.bytes())); }
  std::size_t at_ = 0;
  BackupParser parser_;
};

class Restore : public StoreTest {
 protected:
  // ann and bob, on another machine.
  Items backup() {
    auto store = Store::open(temp / "origin", key_filled(1), options());
    if (!store) throw std::runtime_error(store.error().message);
    enroll(*store, "ann", 1);
    enroll(*store, "bob", 2, 1);
    EXPECT_TRUE(store->enroll("carl", 1003, {}, nullptr, {}, kNow));
    return Items(*store);
  }
};

TEST_F(Restore, BringsEverybodyBackUnderAnotherMasterKey) {
  Items items = backup();
  AuditEvent event;
  event.kind = AuditKind::restore;
  {
    Store store = must_open();
    const auto done = store.restore(items, items.users, RestoreMode::into_empty, &event);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->users, 3u);
    EXPECT_EQ(done->templates, 4u);
    EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "bob", 2, 1));
    EXPECT_FALSE(store.user("carl")->has_password);
    EXPECT_EQ(store.audit(0, 10)->entries.size(), 1u);
  }
  Store again = must_open();
  EXPECT_TRUE(is_whole(again, "ann", 1) && is_whole(again, "bob", 2, 1));
  ASSERT_TRUE(again.remove_user("ann"));
  EXPECT_TRUE(is_whole(again, "bob", 2, 1));
}

TEST_F(Restore, AStoreWithUsersIsLeftAloneUnlessToldOtherwise) {
  Items items = backup();
  Store store = must_open();
  enroll(store, "bob", 9);
  enroll(store, "eve", 5);
  EXPECT_EQ(code(store.restore(items, items.users, RestoreMode::into_empty)), Errc::invalid_argument);
  EXPECT_EQ(code(store.user("ann")), Errc::not_found);

  const auto merged = store.restore(items, items.users, RestoreMode::merge);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->users, 2u);
  EXPECT_EQ(merged->kept, 1u);
  EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "bob", 9) && is_whole(store, "eve", 5));

  const auto replaced = store.restore(items, items.users, RestoreMode::replace);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->users, 3u);
  EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "bob", 2, 1));
  EXPECT_TRUE(is_closed(store, "eve", Errc::not_found));
  EXPECT_EQ(store.figures()->templates, 4u);
}

TEST_F(Restore, KeysThatNothingUsesAnyMoreAreGone) {
  Items items = backup();
  {
    Store store = must_open();
    enroll(store, "eve", 5);
    ASSERT_TRUE(store.restore(items, items.users, RestoreMode::replace));
    ASSERT_TRUE(store.restore(items, items.users, RestoreMode::merge));
  }
  EXPECT_EQ(read_file(keyring_path()).size(), format::keyring_size(1, 3));
}

TEST_F(Restore, AFailureOnTheWayLeavesTheStoreAsItWas) {
  Items items = backup();
  Store store = must_open();
  enroll(store, "eve", 5);
  const auto size = read_file(keyring_path()).size();
  for (std::size_t at = 0; at < items.all.size(); ++at) {
    items.fails_at = at;
    EXPECT_EQ(code(store.restore(items, items.users, RestoreMode::replace)), Errc::io) << at;
    EXPECT_TRUE(is_whole(store, "eve", 5)) << at;
    EXPECT_EQ(store.figures()->users, 1u) << at;
    EXPECT_EQ(read_file(keyring_path()).size(), size) << at;
  }
  items.fails_at = ~std::size_t{0};
  EXPECT_EQ(code(store.restore(items, items.users - 1, RestoreMode::replace)), Errc::corrupt)
      << "more than was counted";
  EXPECT_TRUE(is_whole(store, "eve", 5));
}

TEST_F(Restore, AFullMapWalksTheSourceAgain) {
  auto origin = Store::open(temp / "origin", key_filled(1), options());
  ASSERT_TRUE(origin);
  for (std::uint32_t i = 0; i < 150; ++i) enroll(*origin, "user" + std::to_string(1000 + i), i);
  Items items(*origin);
  Store store = must_open();
  ASSERT_TRUE(store.restore(items, items.users, RestoreMode::into_empty));
  EXPECT_GT(items.rewinds, 1);
  for (std::uint32_t i = 0; i < 150; ++i) EXPECT_TRUE(is_whole(store, "user" + std::to_string(1000 + i), i));
}

TEST_F(Restore, ItemsInAnotherOrderNumberOrShapeAreCorrupt) {
  const Items good = backup();
  const auto parses = [](const std::vector<std::string>& items) {
    BackupParser parser;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (!parser.take(as_view(items[i]), i + 1 == items.size())) return false;
    return parser.ended();
  };
  ASSERT_TRUE(parses(good.all));
  for (std::size_t i = 0; i < good.all.size(); ++i) {
    auto without = good.all, twice = good.all, cut = good.all, longer = good.all;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), good.all[i]);
    cut[i].pop_back();
    longer[i] += 'x';
    EXPECT_FALSE(parses(without)) << i;
    EXPECT_FALSE(parses(twice)) << i;
    EXPECT_FALSE(parses(cut)) << i;
    EXPECT_FALSE(parses(longer)) << i;
  }
}

TEST_F(Restore, WhatWouldHurtTheDaemonLaterIsCorrupt) {
  const auto takes = [](const char* hash, bool same_id) {
    std::vector<Template> templates = make_templates(1, 2);
    if (same_id) templates[1].info.id = templates[0].info.id;
    UserSummary user;
    user.name = "ann";
    for (const Template& entry : templates) user.templates.push_back(entry.info);
    const PasswordHash password = make_hash(hash);
    BackupParser parser;
    const auto take = [&](const SecretBytes& item) { return parser.take(item.bytes(), false).has_value(); };
    return take(backup::encode_start({})) && take(backup::encode(user, &password)) &&
           take(backup::encode(templates[0])) && take(backup::encode(templates[1]));
  };
  EXPECT_TRUE(takes("$argon2id$v=19$m=65536,t=3,p=1$salt$hash", false));
  EXPECT_FALSE(takes("$argon2id$v=19$m=65536,t=4294967295,p=1$salt$hash", false)) << "a check that never ends";
  EXPECT_FALSE(takes("$argon2id$v=19$m=4194304,t=3,p=1$salt$hash", false)) << "more memory than the daemon may have";
  EXPECT_FALSE(takes("$argon2id$v=19$m=65536,t=3,p=1$salt$hash", true)) << "two templates of one id";
}

TEST_F(Restore, HeadsThatAreNoneAreRefused) {
  backup::Head head;
  head.salt.fill(3);
  const auto good = backup::encode(head);
  const auto read = backup::decode_head(good);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cost, head.cost);
  EXPECT_EQ(read->salt, head.salt);
  auto altered = good;
  altered[0] ^= 1;
  EXPECT_EQ(code(backup::decode_head(altered)), Errc::invalid_argument);
  altered = good;
  altered[8] = 2;
  EXPECT_EQ(code(backup::decode_head(altered)), Errc::newer_schema);
  altered = good;
  altered[17] = 0xff;  // memory
  EXPECT_EQ(code(backup::decode_head(altered)), Errc::invalid_argument);
  EXPECT_EQ(code(backup::decode_head(format::View(good).first(good.size() - 1))), Errc::invalid_argument);
}

}  // namespace
}  // namespace faceauth::test
