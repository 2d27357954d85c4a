// kill -9 of the keeper at random moments of an enrolment: afterwards the user is wholly there or wholly absent.
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <future>
#include <iostream>
#include <random>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::microseconds;

constexpr int kKills = 51;  // the first enrolment is left alone

TEST(Crash, KillDuringEnrolmentLeavesAllOrNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  std::vector<std::string> names;
  for (int i = 0; i < kKills; ++i) names.push_back("user" + std::to_string(i));
  Daemon daemon({.users = names});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string photo = daemon.text_image("photo", "face 3");
  const std::vector<std::string> enrol = {"--image",          photo,
                                          "--image",          daemon.text_image("second", "face 3 view=1"),
                                          "--image",          daemon.text_image("third", "face 3 view=2"),
                                          "--password-stdin", "--force"};
  auto enroll = [&](const std::string& user) {
    std::vector<std::string> arguments = {"enroll", user};
    arguments.insert(arguments.end(), enrol.begin(), enrol.end());
    return tool(daemon, arguments, "secret\n");
  };
  // An undisturbed enrolment tells how long there is to hit at first.
  const Ran first = enroll(names[0]);
  ASSERT_EQ(first.code, 0) << first.err;
  long whole = std::chrono::duration_cast<microseconds>(first.elapsed).count() + 1000;

  std::mt19937 random(20260101);
  int present = 0, absent = 0;
  for (int i = 1; i < kKills; ++i) {
    auto pending = std::async(std::launch::async, [&] { return enroll(names[i]); });
    std::this_thread::sleep_for(microseconds(static_cast<long>(random() % static_cast<unsigned long>(whole))));
    daemon.kill9();
    const bool reported_done = pending.get().code == 0;
    ASSERT_TRUE(daemon.start()) << "after kill " << i << "\n" << daemon.log();
    const Ran listed = tool(daemon, {"--json", "list", names[i]});
    if (listed.code == 4) {
      EXPECT_FALSE(reported_done) << names[i] << " was reported as stored and is lost";
      ++absent;
      whole += whole / 8;  // too early: the next one may come later, on a busy machine too
      continue;
    }
    ASSERT_EQ(listed.code, 0) << listed.err << daemon.log();
    const json user = json::parse(listed.out)["users"][0];
    EXPECT_EQ(user["templates"].size(), 3U) << names[i];
    EXPECT_EQ(user["password"], true) << names[i];
    EXPECT_EQ(tool(daemon, {"verify", names[i], "--image", photo}).code, 0) << names[i];
    ++present;
    whole -= whole / 8;
  }
  std::cout << "kills: " << kKills - 1 << ", wholly there: " << present << ", wholly absent: " << absent << "\n";
  EXPECT_GT(present, 0) << "no kill came late enough to mean anything";
  EXPECT_GT(absent, 0) << "no kill came early enough to mean anything";
  EXPECT_EQ(tool(daemon, {"verify", names[0], "--password-stdin"}, "secret\n").code, 0);
}

}  // namespace
}  // namespace faceauth::test
