#include "told_logins.h"

#include <faced/server/charged_uid.h>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <optional>
#include <string>

namespace faceauth {
namespace {

constexpr std::uint32_t kAnn = 20'000, kNone = ~0U;

std::uint32_t charged(int pid, std::uint32_t uid) { return charged_uid(test::peer_at(pid, uid)); }

// What `of` gives of a process of the session that was opened for `user`; nothing where none may be opened.
std::optional<bool> in_session_of(std::uint32_t user, const std::function<bool(int pid)>& of) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream session("/proc/self/loginuid");
    if (!(session << user << std::flush)) ::_exit(2);
    ::_exit(of(::getpid()) ? 1 : 0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 2) return std::nullopt;
  return WEXITSTATUS(status) == 1;
}

TEST(ChargedUid, IsOfTheUserWhoseSessionItIs) {
  for (const std::uint32_t uid : {0U, 100'000U}) {
    const auto hers = in_session_of(kAnn, [uid](int pid) { return charged(pid, uid) == kAnn; });
    if (!hers) GTEST_SKIP() << "sessions are root's to open, where the kernel audits";
    EXPECT_TRUE(*hers) << uid;
  }
}

// Where no session was opened a process may write into its own record what it likes.
TEST(ChargedUid, IsNeitherAnotherUsersNorRootsByAServicesOwnWord) {
  const auto own = in_session_of(kAnn, [](int pid) { return charged(pid, 1000) == 1000; });
  const auto roots = in_session_of(0, [](int pid) { return charged(pid, 33) == 0 || charged(pid, 70'000) == 0; });
  if (!own || !roots) GTEST_SKIP() << "sessions are root's to open, where the kernel audits";
  EXPECT_TRUE(*own);
  EXPECT_FALSE(*roots);
}

TEST(ChargedUid, IsTheProcessesOwnOutsideOfEverySession) {
  const auto own = in_session_of(kNone, [](int pid) { return charged(pid, 0) == 0 && charged(pid, 7) == 7; });
  if (!own) GTEST_SKIP() << "sessions are root's to open, where the kernel audits";
  EXPECT_TRUE(*own);
}

TEST(ChargedUid, OfAProcessThatHasEndedIsToldByAnOrdinaryNumberAlone) {
  EXPECT_EQ(charged(-1, 7), 7U);
  for (const std::uint32_t uid : {0U, 65'536U, 100'000U}) EXPECT_EQ(charged(-1, uid), kUntoldUsers) << uid;
}

TEST(ChargedUid, OfPolkitsHelperIsOfWhoseAgentItIs) {
  const int agent = ::getppid();
  const auto charged_for = [](const std::string& caller, std::optional<std::uint32_t> login_uid) {
    test::ToldLogins logins;
    logins.helper = ::getpid();
    logins.unit = "polkit-agent-helper@7-" + caller + ".service";
    logins.login_uid = login_uid;
    return charged_uid(test::peer_at(::getpid()), logins);
  };
  const std::string alive = std::to_string(agent) + "-";
  EXPECT_EQ(charged_for(alive + "1000", {}), 1000U);
  EXPECT_EQ(charged_for(alive + "0", kAnn), kAnn) << "a setuid program";
  EXPECT_EQ(charged_for(alive + "0", {}), 0U);
  EXPECT_EQ(charged_for(alive + "100000", kAnn), kAnn);
  EXPECT_EQ(charged_for("1073741823-1000", {}), 1000U) << "he has ended";
  EXPECT_EQ(charged_for("1073741823-0", {}), kUntoldUsers);
  EXPECT_EQ(charged_for("unknown", {}), kUntoldUsers) << "never root's share";
}

}  // namespace
}  // namespace faceauth
