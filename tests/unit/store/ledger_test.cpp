#include "store_fixture.h"

#include <faced/store/ledger_format.h>

namespace faceauth::test {
namespace {

AuditEvent event(std::uint32_t n) {
  AuditEvent e;
  e.kind = n % 2 == 0 ? AuditKind::login : AuditKind::passwd;
  e.verdict = Verdict::no_match;
  e.outcome = Errc::no_space;
  e.time = kNow + std::chrono::seconds{n};
  e.boot.fill(static_cast<std::uint8_t>(n));
  e.user = "user" + std::to_string(n);
  e.user_uid = 1000 + n;
  e.peer_uid = n;
  e.peer_pid = 4242;
  e.service = "sudo";
  e.tty = "pts/1";
  e.rhost = "host.example";
  e.skipped = n;
  return e;
}

std::string key_of(std::uint64_t number) {
  const auto key = format::ledger_key(number);
  return {key.begin(), key.end()};
}

class LedgerTest : public StoreTest {
 protected:
  void fill(std::uint32_t count) {
    Store store = must_open();
    for (std::uint32_t n = 1; n <= count; ++n) ASSERT_TRUE(store.record(event(n)));
  }
  static AuditCheck checked(const Store& store, std::size_t step = 3) {
    AuditCheck check;
    while (!check.finished)
      if (!store.check_audit(check, step)) throw std::runtime_error("check_audit");
    return check;
  }
  AuditCheck check_now() { return checked(must_open()); }
  static std::vector<AuditEntry> all(const Store& store) {
    std::vector<AuditEntry> entries;
    std::uint64_t from = 0;
    for (bool more = true; more;) {
      auto page = store.audit(from, 4);
      if (!page) throw std::runtime_error(page.error().message);
      std::ranges::move(page->entries, std::back_inserter(entries));
      from = page->next;
      more = page->more;
    }
    return entries;
  }
  std::string head_now() { return RawData(directory).get("meta", "ledger"); }
  // The ledger as it was with five entries, whose head is given; now it has ten.
  static void put_back_five(RawData& raw, const std::string& head) {
    for (std::uint64_t n = 6; n <= 10; ++n) raw.erase("ledger", key_of(n));
    raw.put("meta", "ledger", head);
  }
  // As `damage` leaves it, the chain is broken at `number`, and appending goes on.
  void expect_break(std::uint64_t number, const std::function<void(RawData&)>& damage) {
    const auto good = snapshot();
    {
      RawData raw(directory);
      damage(raw);
    }
    {
      Store store = must_open();
      const AuditCheck check = checked(store);
      EXPECT_FALSE(check.intact);
      EXPECT_EQ(check.broken_at, number);
      EXPECT_TRUE(store.record(event(77)));
      EXPECT_FALSE(checked(store).intact);
    }
    EXPECT_FALSE(check_now().intact) << "a restart forgives nothing";
    write_file(data_path(), good.at("data"));
    write_file(keyring_path(), good.at("keyring"));
    EXPECT_TRUE(check_now().intact);
  }
};

TEST_F(LedgerTest, EntriesComeBackInOrderAndWhole) {
  fill(10);
  const Store store = must_open();
  const auto entries = all(store);
  ASSERT_EQ(entries.size(), 10u);
  for (std::uint32_t n = 1; n <= 10; ++n) {
    EXPECT_EQ(entries[n - 1].number, n);
    EXPECT_TRUE(entries[n - 1].readable);
    EXPECT_EQ(entries[n - 1].event, event(n));
  }
  const AuditCheck check = checked(store);
  EXPECT_TRUE(check.intact);
  EXPECT_EQ(check.checked, 10u);
  EXPECT_EQ(check.first, 1u);
  EXPECT_EQ(check.next, 11u);
}

TEST_F(LedgerTest, AnEmptyOneIsIntact) {
  EXPECT_TRUE(check_now().intact);
  EXPECT_TRUE(all(must_open()).empty());
}

TEST_F(LedgerTest, NothingOfItCanBeReadOnTheDisk) {
  fill(3);
  const std::string data = read_file(data_path());
  for (const char* word : {"user2", "sudo", "pts/1", "host.example"})
    EXPECT_EQ(data.find(word), std::string::npos) << word;
}

TEST_F(LedgerTest, TextsBeyondTheirLimitAreCut) {
  AuditEvent long_one = event(1);
  long_one.service.assign(5000, 's');
  long_one.rhost.assign(5000, 'h');
  Store store = must_open();
  ASSERT_TRUE(store.record(long_one));
  const auto entries = all(store);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].event.service.size(), limits::kServiceMax);
  EXPECT_EQ(entries[0].event.rhost.size(), limits::kHostMax);
}

TEST_F(LedgerTest, AChangeAndItsEntryAreStoredTogetherOrNotAtAll) {
  Store store = must_open();
  const AuditEvent e = event(1);
  ASSERT_TRUE(store.enroll("ann", 1001, make_templates(1, 3), nullptr, {}, kNow, &e));
  EXPECT_EQ(all(store).size(), 1u);
  EXPECT_EQ(code(store.enroll("ann", 999, {}, nullptr, {}, kNow, &e)), Errc::invalid_argument);
  EXPECT_EQ(code(store.remove_templates("ann", "no such", &e)), Errc::not_found);
  EXPECT_EQ(code(store.set_state("bob", {}, &e)), Errc::not_found);
  EXPECT_EQ(all(store).size(), 1u) << "what did not happen is not recorded as if it had";
  EXPECT_TRUE(store.set_state("ann", make_state(1), &e));
  EXPECT_TRUE(store.set_password("ann", make_hash("x"), &e));
  EXPECT_TRUE(store.remove_templates("ann", "desk", &e));
  EXPECT_TRUE(store.remove_user("ann", &e));
  EXPECT_EQ(all(store).size(), 5u);
  EXPECT_TRUE(checked(store).intact);
}

TEST_F(LedgerTest, OldEntriesGoAndTheRestStaysProvable) {
  StoreOptions small = options();
  small.ledger_entries = 10;
  {
    auto store = Store::open(directory, master, small);
    ASSERT_TRUE(store);
    AuditCheck walking;
    for (std::uint32_t n = 1; n <= 25; ++n) {
      ASSERT_TRUE(store->record(event(n)));
      if (n == 10) {
        ASSERT_TRUE(store->check_audit(walking, 4));
      }
    }
    const auto entries = all(*store);
    ASSERT_EQ(entries.size(), 10u);
    EXPECT_EQ(entries.front().number, 16u);
    EXPECT_TRUE(checked(*store).intact);
    while (!walking.finished) ASSERT_TRUE(store->check_audit(walking, 4));
    EXPECT_TRUE(walking.intact) << "entries dropped while walking are no break";
  }
  expect_break(16, [](RawData& raw) { raw.erase("ledger", key_of(16)); });
}

TEST_F(LedgerTest, ACutTailIsNoticed) {
  fill(10);
  expect_break(10, [](RawData& raw) { raw.erase("ledger", key_of(10)); });
  expect_break(8, [](RawData& raw) {
    for (const std::uint64_t n : {8, 9, 10}) raw.erase("ledger", key_of(n));
  });
}

TEST_F(LedgerTest, ACutFrontAndAHoleAreNoticed) {
  fill(10);
  expect_break(1, [](RawData& raw) { raw.erase("ledger", key_of(1)); });
  expect_break(5, [](RawData& raw) { raw.erase("ledger", key_of(5)); });
}

TEST_F(LedgerTest, EveryChangedBitOfAnEntryIsNoticed) {
  fill(3);
  std::string good;
  {
    RawData raw(directory);
    good = raw.get("ledger", key_of(2));
  }
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string altered = good;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    RawData(directory).put("ledger", key_of(2), altered);
    const AuditCheck check = check_now();
    EXPECT_FALSE(check.intact) << at;
    EXPECT_EQ(check.broken_at, 2u) << at;
  }
  RawData(directory).put("ledger", key_of(2), good);
  EXPECT_TRUE(check_now().intact);
}

TEST_F(LedgerTest, TwoThatWereSwappedAreNoticed) {
  fill(10);
  expect_break(4, [](RawData& raw) {
    const std::string four = raw.get("ledger", key_of(4)), five = raw.get("ledger", key_of(5));
    raw.put("ledger", key_of(4), five);
    raw.put("ledger", key_of(5), four);
  });
}

TEST_F(LedgerTest, AnEntryOfAnotherHistoryIsNoticed) {
  fill(5);
  const auto fork = snapshot();
  fill(3);  // 6 to 8
  std::string six;
  {
    RawData raw(directory);
    six = raw.get("ledger", key_of(6));
  }
  write_file(data_path(), fork.at("data"));
  write_file(keyring_path(), fork.at("keyring"));
  fill(3);
  // It follows the fifth as the right one did; it is the seventh that does not follow it.
  expect_break(7, [&](RawData& raw) { raw.put("ledger", key_of(6), six); });
}

TEST_F(LedgerTest, AnEntryAddedBehindTheEndIsNoticed) {
  fill(5);
  expect_break(6, [&](RawData& raw) { raw.put("ledger", key_of(6), raw.get("ledger", key_of(5))); });
}

TEST_F(LedgerTest, AHeadThatWasChangedOrTakenAwayIsNoticed) {
  fill(5);
  const std::string head = head_now();
  expect_break(6, [&](RawData& raw) {
    std::string altered = head;
    altered[16] = static_cast<char>(altered[16] ^ 1);  // where it ends
    raw.put("meta", "ledger", altered);
  });
  expect_break(6, [&](RawData& raw) { raw.erase("meta", "ledger"); });
  expect_break(1, [&](RawData& raw) {
    raw.erase("meta", "ledger");
    for (std::uint64_t n = 1; n <= 5; ++n) raw.erase("ledger", key_of(n));
  });
}

// Entries and head of an earlier day, put back into the present data.mdb.
TEST_F(LedgerTest, AnOlderLedgerPutBackIsNoticed) {
  fill(5);
  const std::string head = head_now();
  fill(5);
  { const Store store = must_open(); }  // a start after the last entry
  expect_break(6, [&](RawData& raw) { put_back_five(raw, head); });
}

// An orderly end notes what was reached; without it only the next start would.
TEST_F(LedgerTest, AfterAnOrderlyEndAnOlderLedgerIsNoticedAtTheNextStart) {
  fill(5);
  const std::string head = head_now();
  {
    Store store = must_open();
    for (std::uint32_t n = 6; n <= 10; ++n) ASSERT_TRUE(store.record(event(n)));
    ASSERT_TRUE(store.note_what_was_reached());
    ASSERT_TRUE(store.note_what_was_reached()) << "nothing new is no error";
  }
  expect_break(6, [&](RawData& raw) { put_back_five(raw, head); });
}

TEST_F(LedgerTest, AnEntryThatDoesNotOpenIsShownAsSuch) {
  fill(5);
  RawData(directory).put("ledger", key_of(3), "garbage");
  const auto entries = all(must_open());
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_FALSE(entries[2].readable);
  EXPECT_EQ(entries[3].event, event(4));
}

TEST_F(LedgerTest, RecordsThatAreNoneNeverCrash) {
  fill(5);
  RawData(directory).put("ledger", "odd", "odd");
  EXPECT_FALSE(check_now().intact);
  RawData(directory).put("ledger", key_of(~std::uint64_t{0}), "odd");
  Store store = must_open();
  EXPECT_TRUE(store.record(event(1)));
  EXPECT_FALSE(checked(store).intact);
}

}  // namespace
}  // namespace faceauth::test
