// Keeping the stored password in step (pam_sm_chauthtok), and reporting what another module accepted (`report`).
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace faceauth::test {
namespace {

using wire::Type;

struct Request {
  Type type;
  std::string user, password;
  bool keep_in_step = false;
  wire::Nonce nonce;
};

// Takes requests on one connection and answers each with `answer`, ok meaning done.
ScriptedDaemon::Script answering(std::vector<Request>& seen, std::vector<Errc> answers) {
  return [&seen, answers = std::move(answers)](Client& c) {
    for (const Errc answer : answers) {
      if (!c.receive()) return;
      Request r{c.type(), "", "", false, c.nonce()};
      if (c.type() == Type::set_password) {
        const auto b = c.body<wire::SetPassword>();
        r.user = str(b.user), r.password = str(b.password), r.keep_in_step = b.keep_in_step;
      } else if (c.type() == Type::prove_password) {
        const auto b = c.body<wire::ProvePassword>();
        r.user = str(b.user), r.password = str(b.password);
      } else {
        const auto b = c.body<wire::Report>();
        r.user = str(b.user), r.password = str(b.password);
      }
      if (c.decoded()) seen.push_back(r);
      c.ack();
      if (c.type() == Type::report)
        c.send(Type::reported, wire::Reported{answer, text("")});
      else if (answer == Errc::ok)
        c.send(Type::done, wire::Empty{});
      else
        c.send(Type::failure, wire::Failure{answer, text("why")});
    }
  };
}

std::string change_stack(const std::string& socket, const std::string& options = "use_authtok") {
  return "password required @PROBE@ old=before token=after\n" + PamSession::line("password", socket, options);
}

TEST(Change, as_root_the_new_password_suffices) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::ok}));
  PamSession pam(change_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_SUCCESS);
  daemon.stop();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].type, Type::set_password);
  EXPECT_EQ(seen[0].user, "alice");
  EXPECT_EQ(seen[0].password, "after");
  EXPECT_TRUE(seen[0].keep_in_step);
  EXPECT_TRUE(pam.messages().empty());
}

// The same in a process that is not root: the old password is proved first.
int change_as_nobody(ScriptedDaemon& daemon, const std::string& options = "use_authtok") {
  const std::string stack = change_stack(daemon.socket(), options);
  PamSession pam(stack, "alice");  // its files stay ours to remove
  const pid_t child = ::fork();
  if (child == 0) {
    const bool lowered = ::geteuid() != 0 || ::seteuid(65534) == 0;
    ::_exit(lowered ? ::pam_chauthtok(pam.handle(), 0) : 255);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Change, others_prove_the_old_password_on_the_same_connection) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::ok, Errc::ok}));
  EXPECT_EQ(change_as_nobody(daemon), PAM_SUCCESS);
  daemon.stop();
  EXPECT_EQ(daemon.served(), 1);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].type, Type::prove_password);
  EXPECT_EQ(seen[0].password, "before");
  EXPECT_EQ(seen[1].type, Type::set_password);
  EXPECT_EQ(seen[1].password, "after");
  EXPECT_FALSE(seen[0].nonce == seen[1].nonce);
}

TEST(Change, a_wrong_old_password_sets_nothing) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::wrong_password, Errc::ok}));
  EXPECT_EQ(change_as_nobody(daemon), PAM_AUTHTOK_RECOVERY_ERR);
  daemon.stop();
  EXPECT_EQ(seen.size(), 1u);
}

TEST(Change, a_user_without_a_stored_password_is_fine) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::not_found}));
  PamSession pam(change_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_SUCCESS);
  EXPECT_TRUE(pam.messages().empty());
}

struct Trouble {
  Errc error;
  int code;
};
class ChangeFails : public testing::TestWithParam<Trouble> {};
TEST_P(ChangeFails, and_says_how_to_mend_it) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {GetParam().error}));
  PamSession pam(change_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), GetParam().code);
  EXPECT_TRUE(pam.was_told("enroll-tool passwd alice"));
}
INSTANTIATE_TEST_SUITE_P(Change, ChangeFails,
                         testing::Values(Trouble{Errc::busy, PAM_TRY_AGAIN},
                                         Trouble{Errc::not_permitted, PAM_PERM_DENIED},
                                         Trouble{Errc::no_space, PAM_AUTHTOK_ERR},
                                         Trouble{Errc::internal, PAM_AUTHTOK_ERR}));

TEST(Change, an_unreachable_daemon_is_try_again) {
  PamSession pam(change_stack("/nonexistent/faced.sock"), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_TRY_AGAIN);
  EXPECT_TRUE(pam.was_told("run: enroll-tool passwd alice"));
  PamSession silent(change_stack("/nonexistent/faced.sock"), "alice");
  EXPECT_EQ(silent.chauthtok(PAM_SILENT), PAM_TRY_AGAIN);
  EXPECT_TRUE(silent.messages().empty());
}

TEST(Change, a_silent_daemon_is_try_again_in_bounded_time) {
  ScriptedDaemon daemon([](Client& c) { c.wait_until_gone(); });
  PamSession pam(change_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_TRY_AGAIN);
  EXPECT_LE(pam.elapsed_ms(), 750);
}

TEST(Change, a_verdict_is_no_done) {
  ScriptedDaemon daemon([](Client& c) { c.receive() && c.ack() && c.verdict(Verdict::match, "alice", true); });
  PamSession pam(change_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_AUTHTOK_ERR);
}

TEST(Change, without_a_new_password_there_is_nothing_to_keep_in_step) {
  ScriptedDaemon daemon([](Client&) {});
  PamSession pam(PamSession::line("password", daemon.socket()), "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_AUTHTOK_ERR);
  daemon.stop();
  EXPECT_EQ(daemon.served(), 0);
}

TEST(Change, a_new_password_that_is_too_long_is_an_error) {
  ScriptedDaemon daemon([](Client& c) { c.receive(); });
  const std::string token(limits::kPasswordMax + 1, 'x');
  PamSession pam("password required @PROBE@ token=" + token + "\n" + PamSession::line("password", daemon.socket()),
                 "alice");
  EXPECT_EQ(pam.chauthtok(), PAM_AUTHTOK_ERR);
}

// Proving the old password and storing the new one are two questions within one timeout.
TEST(Change, two_questions_share_one_deadline) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  ScriptedDaemon daemon([](Client& c) {
    if (!c.receive() || !c.ack()) return;
    ::usleep(700'000);
    if (c.send(Type::done, wire::Empty{}) && c.receive() && c.ack()) c.wait_until_gone();
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(change_as_nobody(daemon, "use_authtok timeout=1"), PAM_TRY_AGAIN);
  EXPECT_LE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(1250));
}

// `report` as it is used: optional, behind a module that accepted the password.
std::string report_stack(const std::string& socket, const std::string& options = "") {
  return "auth required @PROBE@ token=accepted\nauth optional @MODULE@ report socket=" + socket + " " + options + "\n";
}

const std::string kLeavesAPassword = "auth [default=ignore] @PROBE@ token=left\n";  // and has no say in the outcome

TEST(Report, says_nothing_without_a_password) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::ok}));
  PamSession pam("auth required pam_permit.so\n" + PamSession::line("auth", daemon.socket(), "report"), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL) << "the line is `required` here";
  daemon.stop();
  EXPECT_TRUE(seen.empty());
}

TEST(Report, tells_what_was_accepted_and_leaves_the_stack_alone) {
  std::vector<Request> seen;
  ScriptedDaemon daemon(answering(seen, {Errc::ok}));
  PamSession pam(report_stack(daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].type, Type::report);
  EXPECT_EQ(seen[0].user, "alice");
  EXPECT_EQ(seen[0].password, "accepted");
  EXPECT_TRUE(pam.messages().empty());
}

// A stack as pam-auth-update writes it: whoever grants jumps over the refusal, and `report` follows for all of them.
std::string joined_stack(const std::string& login_socket, const std::string& report_socket, const std::string& before,
                         const std::string& after) {
  return before + "auth [success=2 default=ignore] @MODULE@ socket=" + login_socket + "\n" + after +
         "auth requisite pam_deny.so\n" + "auth required pam_permit.so\n" +
         "auth optional @MODULE@ report socket=" + report_socket + "\n";
}
ScriptedDaemon::Script deciding(Verdict verdict) {
  return [verdict](Client& c) { c.receive() && c.ack() && c.verdict(verdict, "alice", true); };
}

void expect_one_report(ScriptedDaemon& listener, const std::vector<Request>& seen) {
  listener.stop();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].password, "accepted");
}

TEST(Report, says_nothing_when_the_face_granted) {
  std::vector<Request> seen;
  ScriptedDaemon judge(deciding(Verdict::match));
  ScriptedDaemon listener(answering(seen, {Errc::ok}));
  const std::string refused = "auth [success=1 default=ignore] pam_deny.so\n";
  PamSession no_password(joined_stack(judge.socket(), listener.socket(), "", refused), "alice");
  EXPECT_EQ(no_password.authenticate(), PAM_SUCCESS);
  PamSession unproven(joined_stack(judge.socket(), listener.socket(), "auth optional @PROBE@ token=typed\n", refused),
                      "alice");
  EXPECT_EQ(unproven.authenticate(), PAM_SUCCESS);
  listener.stop();
  EXPECT_TRUE(seen.empty());
}

// Both lines of one login meet the same silent daemon: together they may cost what one costs.
TEST(Report, waits_for_a_silent_daemon_no_second_time) {
  ScriptedDaemon daemon([](Client& c) { c.wait_until_gone(); });
  PamSession pam(
      joined_stack(daemon.socket(), daemon.socket(), "", "auth [success=1 default=ignore] @PROBE@ token=accepted\n"),
      "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_LE(pam.elapsed_ms(), 750);
}

TEST(Report, passes_on_the_password_that_was_accepted_after_the_face_failed) {
  std::vector<Request> seen;
  ScriptedDaemon judge(deciding(Verdict::strong_auth_due));
  ScriptedDaemon listener(answering(seen, {Errc::ok}));
  PamSession pam(
      joined_stack(judge.socket(), listener.socket(), "", "auth [success=1 default=ignore] @PROBE@ token=accepted\n"),
      "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  expect_one_report(listener, seen);
}

TEST(Report, passes_on_the_password_that_a_later_module_wants_besides_the_face) {
  std::vector<Request> seen;
  ScriptedDaemon judge(deciding(Verdict::match));
  ScriptedDaemon listener(answering(seen, {Errc::ok}));
  PamSession pam("auth required @MODULE@ socket=" + judge.socket() + "\nauth required @PROBE@ token=accepted\n" +
                     "auth optional @MODULE@ report socket=" + listener.socket() + "\n",
                 "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  expect_one_report(listener, seen);
}

// A locker keeps one handle: what one login left unproven says nothing about the next one.
TEST(Report, forgets_what_an_earlier_login_in_the_same_handle_left_unproven) {
  std::vector<Request> seen;
  bool first = true;
  ScriptedDaemon judge([&](Client& c) {
    c.receive() && c.ack() && c.verdict(first ? Verdict::match : Verdict::no_face, "alice", first);
    first = false;
  });
  ScriptedDaemon listener(answering(seen, {Errc::ok}));
  PamSession pam(joined_stack(judge.socket(), listener.socket(), "auth optional @PROBE@ token=typed\n",
                              "auth [success=1 default=ignore] @PROBE@ token=accepted\n"),
                 "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  expect_one_report(listener, seen);
}

TEST(Report, never_succeeds_by_itself) {
  for (const Errc answer : {Errc::ok, Errc::not_found, Errc::busy, Errc::internal}) {
    std::vector<Request> seen;
    ScriptedDaemon daemon(answering(seen, {answer}));
    PamSession pam(kLeavesAPassword + PamSession::line("auth", daemon.socket(), "report"), "alice");
    EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL);
    EXPECT_TRUE(pam.messages().empty());
    daemon.stop();
    EXPECT_EQ(seen.at(0).password, "left");
  }
}

TEST(Report, opens_no_prompt_and_an_absent_daemon_harms_nobody) {
  PamSession pam(report_stack("/nonexistent/faced.sock"), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_TRUE(pam.messages().empty());
  ScriptedDaemon hostile([](Client& c) { c.receive() && c.ack() && c.verdict(Verdict::match, "alice", true); });
  PamSession alone(kLeavesAPassword + PamSession::line("auth", hostile.socket(), "report"), "alice");
  EXPECT_EQ(alone.authenticate(), PAM_AUTHINFO_UNAVAIL);
}

}  // namespace
}  // namespace faceauth::test
