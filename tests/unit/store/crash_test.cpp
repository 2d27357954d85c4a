// A store whose process is killed, and one whose disk is full.
#include "store_fixture.h"

#include <faced/util/fd.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <set>
#include <thread>

namespace faceauth::test {
namespace {

class Crash : public StoreTest {
 protected:
  // The child's work; ends only by being killed. Every third user is removed again. A byte for each one registered.
  [[noreturn]] void churn(std::uint32_t first, int progress) {
    auto store = open();
    if (!store) ::_exit(1);
    for (std::uint32_t i = first;; ++i) {
      const std::string name = "user" + std::to_string(i);
      const PasswordHash hash = make_hash("hash of " + name);
      if (!store->enroll(name, 1000 + i, make_templates(i, 3), &hash, make_state(i), kNow)) ::_exit(2);
      if (::write(progress, "+", 1) != 1) ::_exit(3);
      if (i % 3 == 0 && !store->remove_user(name)) ::_exit(4);
    }
  }

  // Kills a child at a random moment behind its `users`-th registration. False when it ended by itself.
  bool kill_after(std::uint32_t first, std::uint32_t users, std::chrono::microseconds and_then) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    const Fd progress(ends[0]);
    Fd child_end(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return false;
    if (child == 0) churn(first, child_end.get());
    child_end.reset();
    char byte = 0;
    for (std::uint32_t i = 0; i < users; ++i)
      if (::read(progress.get(), &byte, 1) != 1) break;
    std::this_thread::sleep_for(and_then);
    ::kill(child, SIGKILL);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status);
  }

  // Lists the store; every user who was not `known` yet is proved whole.
  void check(const Store& store, const std::set<std::string>& known, std::set<std::string>& names) {
    names.clear();
    const auto listed = store.for_each_user("", [&](const UserSummary& user) {
      const auto number = static_cast<std::uint32_t>(std::stoul(user.name.substr(4)));
      EXPECT_TRUE(known.contains(user.name) || is_whole(store, user.name, number)) << user.name;
      names.insert(user.name);
      return true;
    });
    ASSERT_TRUE(listed) << listed.error().message;
    const auto figures = store.figures();
    ASSERT_TRUE(figures);
    EXPECT_EQ(figures->users, names.size());
    EXPECT_EQ(figures->templates, 3 * names.size()) << "no record of a user who is not there";
  }
};

TEST_F(Crash, KilledAtFiftyMomentsEveryUserIsWholeOrAbsent) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::set<std::string> before, after;
  for (std::uint32_t round = 0; round < 50; ++round) {
    const std::chrono::microseconds moment{static_cast<long>(random() % 3000)};
    ASSERT_TRUE(kill_after(round * 1000, static_cast<std::uint32_t>(random() % 5), moment))
        << "the child ended by itself in round " << round;
    auto store = open();
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_NO_FATAL_FAILURE(check(*store, round == 49 ? std::set<std::string>{} : before, after));
    EXPECT_TRUE(std::ranges::includes(after, before)) << "somebody of an earlier round was lost";
    ASSERT_FALSE(HasFailure()) << "round " << round;
    before = after;
  }
  std::cout << after.size() << " users registered by 50 killed processes, each one whole\n";
  EXPECT_GT(after.size(), 20u);
}

class FullDisk : public StoreTest {
 protected:
  // Runs `work` in a child that has a file system of its own, of `kilobytes`, over the store's directory.
  // `work` gives true when all was as it should be, and says on stderr what was not.
  void on_small_disk(int kilobytes, const std::function<bool()>& work) {
    ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const std::string size = "mode=0700,size=" + std::to_string(kilobytes) + "k";
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
          ::mount("tmpfs", directory.c_str(), "tmpfs", 0, size.c_str()) != 0)
        ::_exit(77);
      ::_exit(work() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
      GTEST_SKIP() << "mounting a small file system is not permitted here";
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "wait status " << status;
  }
  static bool expect(bool holds, const char* what) {
    if (!holds) std::fprintf(stderr, "full disk: not so: %s\n", what);
    return holds;
  }
  bool all_whole(const Store& store, std::uint32_t users) const {
    const auto figures = store.figures();
    if (!figures || figures->users != users || figures->templates != 3 * users) return false;
    for (std::uint32_t i = 0; i < users; ++i)
      if (!is_whole(store, "user" + std::to_string(i), i)) return false;
    return true;
  }
  Result<void> add(Store& store, std::uint32_t i) const {
    const std::string name = "user" + std::to_string(i);
    const PasswordHash hash = make_hash("hash of " + name);
    return store.enroll(name, 1000 + i, make_templates(i, 3), &hash, make_state(i), kNow);
  }
};

TEST_F(FullDisk, IsToldNothingIsHalfStoredAndAllElseWorks) {
  on_small_disk(1024, [&] {
    std::uint32_t users = 0;
    Result<void> last{};
    {
      auto store = Store::open(directory, master);
      if (!expect(store.has_value(), "opens")) return false;
      while (users < 1000 && (last = add(*store, users))) ++users;
      if (!expect(code(last) == Errc::no_space, last ? "an error" : last.error().message.c_str()) ||
          !expect(users > 10, "some fit") || !expect(all_whole(*store, users), "all whole while full") ||
          !expect(is_closed(*store, "user" + std::to_string(users), Errc::not_found), "the last one is absent"))
        return false;
    }
    auto store = Store::open(directory, master);
    if (!expect(store.has_value(), "opens when full") || !expect(all_whole(*store, users), "all whole when reopened"))
      return false;
    return expect(code(add(*store, users)) == Errc::no_space, "still full");
  });
}

TEST_F(FullDisk, WorksAgainOnceThereIsRoom) {
  on_small_disk(1024, [&] {
    const std::string ballast = directory + "/ballast";
    write_file(ballast, std::string(400'000, 'b'));
    auto store = Store::open(directory, master);
    if (!expect(store.has_value(), "opens")) return false;
    std::uint32_t users = 0;
    while (users < 1000 && add(*store, users)) ++users;
    if (::unlink(ballast.c_str()) != 0) return false;
    return expect(add(*store, users).has_value(), "registers when there is room") &&
           expect(all_whole(*store, users + 1), "all whole") &&
           expect(store->remove_user("user0").has_value(), "removes");
  });
}

// No room for the store at all: an error, and the directory can be used later.
TEST_F(FullDisk, CreatingFailsCleanly) {
  on_small_disk(1024, [&] {
    const std::string ballast = directory + "/ballast";
    write_file(ballast, std::string(2'000'000, 'b'));
    if (!expect(code(Store::open(directory, master)) == Errc::no_space, "creating needs room")) return false;
    if (::unlink(ballast.c_str()) != 0) return false;
    auto store = Store::open(directory, master);
    return expect(store.has_value(), "creates when there is room") && expect(add(*store, 1).has_value(), "registers");
  });
}

TEST_F(StoreTest, AFullMapIsToldAndNothingIsHalfStored) {
  StoreOptions small = options();
  small.map = {.start = 128u << 10, .limit = 512u << 10};
  std::uint32_t users = 0;
  {
    auto store = Store::open(directory, master, small);
    ASSERT_TRUE(store);
    Result<void> last{};
    while (users < 1000) {
      const std::string name = "user" + std::to_string(users);
      const PasswordHash hash = make_hash("hash of " + name);
      last = store->enroll(name, 1000 + users, make_templates(users, 3), &hash, make_state(users), kNow);
      if (!last) break;
      ++users;
    }
    EXPECT_EQ(code(last), Errc::no_space);
    EXPECT_GT(users, 10u);
    EXPECT_TRUE(is_closed(*store, "user" + std::to_string(users), Errc::not_found));
  }
  Store store = must_open();
  for (std::uint32_t i = 0; i < users; ++i) EXPECT_TRUE(is_whole(store, "user" + std::to_string(i), i));
  enroll(store, "user" + std::to_string(users), users);
  EXPECT_TRUE(is_whole(store, "user" + std::to_string(users), users)) << "with a larger map there is room";
}

}  // namespace
}  // namespace faceauth::test
