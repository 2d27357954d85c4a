// The words of the service file, and the names a stack may hand over.
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <string>

namespace faceauth::test {
namespace {

// A daemon that would grant to anybody.
void grant(Client& c) {
  if (!c.receive()) return;
  const std::string user = str(c.body<wire::AuthBegin>().user);
  c.ack() && c.verdict(Verdict::match, user, true);
}

class Understood : public testing::TestWithParam<const char*> {};
TEST_P(Understood, is_taken) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket(), GetParam()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
}
INSTANTIATE_TEST_SUITE_P(Options, Understood,
                         testing::Values("", "timeout=1", "timeout=60", "factors=none", "factors=face",
                                         "factors=password", "factors=face|password", "factors=face+password",
                                         "intent=none", "intent=enter", "intent=gesture", "try_first_pass",
                                         "use_first_pass", "use_authtok", "quiet", "debug", "identify",
                                         "debug quiet timeout=05"));

class Malformed : public testing::TestWithParam<const char*> {};
TEST_P(Malformed, fails_closed_without_asking_anybody) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket(), GetParam()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SYSTEM_ERR);
  daemon.stop();
  EXPECT_EQ(daemon.served(), 0);
}
INSTANTIATE_TEST_SUITE_P(Options, Malformed,
                         testing::Values("nonsense", "Debug", "debug=1", "timeout", "timeout=", "timeout=0",
                                         "timeout=61", "timeout=-1", "timeout=+5", "timeout=1.5", "timeout=5s",
                                         "timeout=4294967301", "timeout=99999999999999999999",
                                         "factors=", "factors=Face", "factors=face,password", "factors=unset",
                                         "intent=", "intent=wink", "socket=", "socket=faced.sock", "quiet nonsense"));

TEST(Options, a_socket_path_that_does_not_fit_is_malformed) {
  PamSession pam(PamSession::line("auth", "/" + std::string(107, 'x')), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SYSTEM_ERR);
}

TEST(Names, a_user_is_asked_for_when_there_is_none) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket()), nullptr);
  pam.types = [](const Message&) { return "alice"; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
}
TEST(Names, without_a_user_nothing_can_be_judged) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket()), nullptr);
  EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL);
}
TEST(Names, an_empty_user_is_nobody) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket()), "");
  pam.types = [](const Message&) { return ""; };
  EXPECT_EQ(pam.authenticate(), PAM_USER_UNKNOWN);
}
TEST(Names, the_longest_user_passes_and_one_more_byte_does_not) {
  ScriptedDaemon daemon(grant);
  PamSession longest(PamSession::line("auth", daemon.socket()), std::string(limits::kUserNameMax, 'u').c_str());
  EXPECT_EQ(longest.authenticate(), PAM_SUCCESS);
  PamSession longer(PamSession::line("auth", daemon.socket()), std::string(limits::kUserNameMax + 1, 'u').c_str());
  EXPECT_EQ(longer.authenticate(), PAM_USER_UNKNOWN);
}
TEST(Names, a_service_that_does_not_fit_is_not_cut_into_another) {
  ScriptedDaemon daemon(grant);
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice", std::string(limits::kServiceMax + 1, 's'));
  EXPECT_EQ(pam.authenticate(), PAM_SYSTEM_ERR);
}

}  // namespace
}  // namespace faceauth::test
