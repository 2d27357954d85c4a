// The master key of an open store changes; and what a process leaves that is killed while it does.
#include "store_fixture.h"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace faceauth::test {
namespace {

class Rekey : public StoreTest {
 protected:
  Result<Store> open_with(std::uint8_t byte) { return Store::open(directory, key_filled(byte), options()); }
  void fill() {
    Store store = must_open();
    enroll(store, "ann", 1);
    enroll(store, "bob", 2);
  }
};

TEST_F(Rekey, GoesOnWithoutAPauseAndTheOldKeyOpensNothing) {
  fill();
  {
    Store store = must_open();
    ASSERT_TRUE(store.add_master_key(key_filled(7)));
    EXPECT_EQ(store.master_keys(), 2u);
    EXPECT_TRUE(is_whole(store, "ann", 1));
    enroll(store, "eve", 3);
    ASSERT_TRUE(store.settle_master_key(key_filled(7)));
    EXPECT_EQ(store.master_keys(), 1u);
    EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "eve", 3));
    enroll(store, "dan", 4);
  }
  EXPECT_EQ(code(open()), Errc::wrong_key);
  const auto store = open_with(7);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE(is_whole(*store, "ann", 1) && is_whole(*store, "bob", 2) && is_whole(*store, "eve", 3) &&
              is_whole(*store, "dan", 4));
}

TEST_F(Rekey, UntilTheNewKeyWasLoadedOnceBothOpenAndThenOnlyIt) {
  fill();
  { ASSERT_TRUE(must_open().add_master_key(key_filled(7))); }
  for (int start = 0; start < 2; ++start) {
    const Store store = must_open();
    EXPECT_EQ(store.master_keys(), 2u) << "a start with the old key settles nothing";
    EXPECT_TRUE(is_whole(store, "ann", 1));
  }
  {
    const auto store = open_with(7);
    ASSERT_TRUE(store);
    EXPECT_EQ(store->master_keys(), 1u);
    EXPECT_TRUE(is_whole(*store, "bob", 2));
  }
  EXPECT_EQ(code(open()), Errc::wrong_key);
}

TEST_F(Rekey, AWrongKeyIsStillToldWhileTwoOpen) {
  fill();
  { ASSERT_TRUE(must_open().add_master_key(key_filled(7))); }
  EXPECT_EQ(code(open_with(8)), Errc::wrong_key);
}

TEST_F(Rekey, KilledAtAnyMomentTheKeyInPlaceOpensAndEverybodyIsWhole) {
  fill();
  std::random_device seed;
  std::mt19937 random(seed());
  std::uint8_t known = 0x42;  // the key that surely opens
  int went_on = 0;
  for (int round = 0; round < 50; ++round) {
    const auto fresh = static_cast<std::uint8_t>(100 + round);
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open_with(known);
      if (!store || ::write(ends[1], "o", 1) != 1) ::_exit(1);
      if (!store->add_master_key(key_filled(fresh)) || ::write(ends[1], "a", 1) != 1) ::_exit(2);
      if (!store->settle_master_key(key_filled(fresh)) || ::write(ends[1], "s", 1) != 1) ::_exit(3);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char step = 0;
    ASSERT_EQ(::read(ends[0], &step, 1), 1);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 1500));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    bool added = false, settled = false;
    for (char said = 0; ::read(ends[0], &said, 1) == 1;) (said == 'a' ? added : settled) = true;
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);

    auto by_old = open_with(known);
    if (settled) {
      EXPECT_EQ(code(by_old), Errc::wrong_key);
    }
    if (by_old) {
      EXPECT_TRUE(is_whole(*by_old, "ann", 1) && is_whole(*by_old, "bob", 2));
      ASSERT_TRUE(by_old->settle_master_key(key_filled(known)));
      ASSERT_TRUE(!settled);
      continue;
    }
    ++went_on;
    const auto by_new = open_with(fresh);
    ASSERT_TRUE(by_new) << "round " << round << (added ? ", added" : "") << ": neither key opens";
    EXPECT_TRUE(is_whole(*by_new, "ann", 1) && is_whole(*by_new, "bob", 2));
    known = fresh;
  }
  std::cout << "50 kills: " << went_on << " behind the change, " << 50 - went_on << " before\n";
}

}  // namespace
}  // namespace faceauth::test
