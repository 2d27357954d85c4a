// kill -9 of the keeper at random moments of enrol, remove, passwd, verify and rekey: afterwards everybody is as before
// or as asked for, the key in place opens the store and the one before it opens it only where no change was made, and
// the ledger is whole and has the change's own entry exactly if it happened. FACEAUTH_KILLS sets how often (default
// 20).
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

class Kill : public testing::Test {
 protected:
  Kill() : daemon({.users = names()}) {}
  static std::vector<std::string> names() {
    std::vector<std::string> all;
    for (int i = 0; i < 8; ++i) all.push_back("user" + std::to_string(i));
    return all;
  }
  static int kills() {
    const char* const wanted = std::getenv("FACEAUTH_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : 20;
  }
  enum class Change { rekey, enrol, remove, passwd, verify };
  Ran enroll(const std::string& user, const std::string& password) {
    return tool(daemon, {"enroll", user, "--image", photo, "--image", another, "--password-stdin", "--force"},
                password + "\n");
  }
  Ran make(Change change, const std::string& user, const std::string& password) {
    switch (change) {
      case Change::rekey:
        return tool(daemon, {"rekey"});
      case Change::enrol:
        return enroll(user, password);
      case Change::remove:
        return tool(daemon, {"remove", user});
      case Change::verify:
        return tool(daemon, {"verify", user, "--password-stdin"}, password + "\n");
      case Change::passwd:
        break;
    }
    return tool(daemon, {"passwd", user, "--password-stdin"}, password + "\n");
  }
  // Undisturbed ones tell how long there is to hit at first.
  void measure() {
    for (const Change change : {Change::enrol, Change::passwd, Change::verify, Change::rekey, Change::remove}) {
      const Ran ran = make(change, "user0", "measured");
      ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
      takes[change] = ran.elapsed + std::chrono::milliseconds(1);
    }
  }
  bool has_password(const std::string& user, const std::string& password) {
    // A busy machine's keeper may not answer in time, which says nothing of the password.
    Ran ran;
    for (int asked = 0; asked < 10; ++asked) {
      ran = tool(daemon, {"verify", user, "--password-stdin"}, password + "\n");
      if (ran.code == 0 || ran.code == 1) return ran.code == 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    ADD_FAILURE() << user << ": " << ran.code << " " << ran.err;
    return false;
  }
  // The keeper dies at a random moment of `work`, or shortly behind it; true when it had said that it was done.
  bool killed_during(Change change, const std::function<Ran()>& work) {
    const long whole = takes.at(change).count() * 5 / 4;
    auto pending = std::async(std::launch::async, work);
    std::this_thread::sleep_for(microseconds(static_cast<long>(random() % static_cast<unsigned long>(whole))));
    daemon.kill9();
    return pending.get().code == 0;
  }

  // How many entries of the ledger tell of such a change.
  std::size_t told_of(Change change) {
    const char* const kind = change == Change::rekey    ? "rekey"
                             : change == Change::enrol  ? "enroll"
                             : change == Change::remove ? "remove"
                             : change == Change::verify ? "verify"
                                                        : "passwd";
    const Ran ran = tool(daemon, {"--json", "log"});
    EXPECT_EQ(ran.code, 0) << ran.err << daemon.log();
    std::size_t count = 0;
    const json all = json::parse(ran.out);
    for (const json& entry : all["entries"]) count += entry["kind"] == kind ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::string key() const {
    std::ifstream in(daemon.dir() / "master.key", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put_key(const std::string& bytes) const {
    const std::filesystem::path file = daemon.dir() / "master.key";
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  // The store opens with this key: on the store itself, stopped before and started again after with the one in place.
  bool opens_with(const std::string& other) {
    const std::string in_place = key();
    EXPECT_EQ(daemon.stop(), 0);
    put_key(other);
    const bool opens = daemon.start();
    if (opens) {
      EXPECT_EQ(daemon.stop(), 0);
    }
    put_key(in_place);
    EXPECT_TRUE(daemon.start()) << daemon.log();
    return opens;
  }

  Daemon daemon;
  std::string photo, another;
  std::mt19937 random{std::random_device{}()};
  std::map<Change, microseconds> takes;
  std::map<std::string, std::string> registered;  // user, password
  int done = 0, undone = 0, rekeys = 0;
};

TEST_F(Kill, NothingIsLostHalfWrittenOrUnaccountedFor) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  ASSERT_TRUE(daemon.start()) << daemon.log();
  photo = daemon.text_image("photo", "face 3");
  another = daemon.text_image("another", "face 3 view=1");
  measure();
  std::size_t entries = 0;
  for (int round = 0; round < kills(); ++round) {
    const std::string user = "user" + std::to_string(random() % 8);
    const bool known = registered.contains(user);
    const std::string password = "password " + std::to_string(round);
    const auto dice = static_cast<unsigned>(random() % 5);
    const Change change = dice == 0   ? Change::rekey
                          : !known    ? Change::enrol
                          : dice == 1 ? Change::remove
                          : dice == 2 ? Change::verify
                                      : Change::passwd;
    // A verify asks for the password that holds.
    const std::string given = change == Change::verify ? registered.at(user) : password;
    SCOPED_TRACE("round " + std::to_string(round) + ", " + user + ", change " +
                 std::to_string(static_cast<int>(change)));
    const std::size_t told_before = told_of(change);
    const std::string key_before = key();
    const bool said_done = killed_during(change, [&] { return make(change, user, given); });
    ASSERT_TRUE(daemon.start()) << daemon.log();
    const std::size_t told = told_of(change);
    ASSERT_TRUE(told == told_before || told == told_before + 1) << told_before << ", then " << told;

    bool happened = said_done;
    if (change == Change::enrol || change == Change::remove) {
      const int listed = tool(daemon, {"list", user}).code;
      ASSERT_TRUE(listed == 0 || listed == 4) << listed;
      happened = change == Change::enrol ? listed == 0 : listed == 4;
      if (change == Change::enrol && happened) registered[user] = password;
      if (change == Change::remove && happened) registered.erase(user);
    } else if (change == Change::passwd) {
      happened = has_password(user, password);
      if (happened) registered[user] = password;
    } else if (change == Change::rekey) {
      happened = key() != key_before;
      if (happened) {
        EXPECT_FALSE(opens_with(key_before)) << "the key before opens the store too";
      }
    } else {
      happened = told == told_before + 1;
    }
    // With the change itself, or (rekey, whose entry comes first) before it: never without.
    if (happened) {
      EXPECT_EQ(told, told_before + 1) << "a change that the ledger does not know of";
    }
    if (change != Change::rekey) {
      EXPECT_EQ(told == told_before + 1, happened) << "an entry of what did not happen";
    }
    EXPECT_TRUE(happened || !said_done) << "reported as done, and lost";
    // Too early, too late: the next one comes nearer to where the change happens, on a busy machine too.
    takes[change] = happened ? takes[change] * 3 / 4 : takes[change] * 3 / 2;
    ++(happened ? done : undone);
    rekeys += change == Change::rekey ? 1 : 0;
    for (const auto& [name, its] : registered) ASSERT_TRUE(has_password(name, its)) << name << "\n" << daemon.log();
    const json users = json::parse(tool(daemon, {"--json", "list"}).out)["users"];
    ASSERT_EQ(users.size(), registered.size());
    for (const json& one : users) EXPECT_EQ(one["templates"].size(), 2U) << one;

    const Ran verified = tool(daemon, {"--json", "log", "--verify"});
    ASSERT_EQ(verified.code, 0) << "the ledger broke: " << verified.out;
    const std::size_t now = json::parse(verified.out)["entries"];
    EXPECT_GE(now, entries) << "an entry was lost";
    entries = now;
    ASSERT_FALSE(HasFailure());
  }
  std::cout << kills() << " kills: " << done << " changes done, " << undone << " not, " << rekeys << " of them rekeys; "
            << entries << " ledger entries, unbroken\n";
  EXPECT_GT(done, 0) << "no kill came late enough to mean anything";
  EXPECT_GT(undone, 0) << "no kill came early enough to mean anything";
}

}  // namespace
}  // namespace faceauth::test
