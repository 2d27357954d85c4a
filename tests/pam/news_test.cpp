// One line of the keeper's, which a person reads when he is let in.
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace faceauth::test {
namespace {

using wire::Type;

constexpr const char* kNews = "faceauth: a face was registered for you";

struct Asked {
  std::atomic<bool> may_tell{false};
  std::atomic<int> times{0};
  std::atomic<int> shown{0};  // how often the module said that the person was shown it
};

// Grants by face with a line of news; a report is answered by `outcome` and the same line.
ScriptedDaemon::Script telling(Asked& asked, Verdict verdict, Errc outcome = Errc::ok) {
  return [&asked, verdict, outcome](Client& c) {
    if (!c.receive()) return;
    ++asked.times;
    if (c.type() == Type::report) {
      asked.may_tell = c.body<wire::Report>().may_tell;
      c.ack();
      c.send(Type::reported, wire::Reported{outcome, text(kNews)});
      if (c.receive() && c.type() == Type::finish) ++asked.shown;
      return;
    }
    asked.may_tell = c.body<wire::AuthBegin>().may_tell;
    c.ack();
    c.send(Type::verdict, wire::VerdictBody{verdict, text("alice"), true, text(kNews)});
    if (c.receive() && c.type() == Type::finish) ++asked.shown;
  };
}

TEST(News, reaches_who_is_let_in_and_nobody_else) {
  for (const Verdict verdict : {Verdict::match, Verdict::no_match}) {
    Asked asked;
    ScriptedDaemon daemon(telling(asked, verdict));
    PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
    EXPECT_EQ(pam.authenticate() == PAM_SUCCESS, verdict == Verdict::match);
    EXPECT_EQ(pam.was_told(kNews), verdict == Verdict::match);
    EXPECT_TRUE(asked.may_tell);
  }
}

int takes_nothing(int, const pam_message**, pam_response**, void*) { return PAM_CONV_ERR; }

// The keeper forgets the news by that word alone.
TEST(News, the_keeper_hears_whether_it_was_shown) {
  for (const bool report : {false, true})
    for (const bool takes : {true, false}) {
      Asked asked;
      {
        ScriptedDaemon daemon(telling(asked, report ? Verdict::error : Verdict::match));
        const std::string lines =
            report
                ? "auth required @PROBE@ token=accepted\nauth optional @MODULE@ report socket=" + daemon.socket() + "\n"
                : PamSession::line("auth", daemon.socket());
        PamSession pam(lines, "alice");
        const pam_conv broken{takes_nothing, nullptr};
        ASSERT_TRUE(takes || ::pam_set_item(pam.handle(), PAM_CONV, &broken) == PAM_SUCCESS);
        EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
      }
      EXPECT_EQ(asked.shown, takes ? 1 : 0) << report;
    }
  Asked refused;
  {
    ScriptedDaemon daemon(telling(refused, Verdict::no_match));
    PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
    EXPECT_NE(pam.authenticate(), PAM_SUCCESS);
  }
  EXPECT_EQ(refused.shown, 0);
}

TEST(News, who_is_told_nothing_says_so_beforehand) {
  for (const bool sddm : {false, true}) {
    Asked asked;
    ScriptedDaemon daemon(telling(asked, Verdict::match));
    PamSession pam(PamSession::line("auth", daemon.socket(), sddm ? "" : "quiet"), "alice",
                   sddm ? "sddm" : "faceauth-test");
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_TRUE(pam.messages().empty());
    EXPECT_FALSE(asked.may_tell);
  }
  Asked asked;
  ScriptedDaemon daemon(telling(asked, Verdict::match));
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(PAM_SILENT), PAM_SUCCESS);
  EXPECT_TRUE(pam.messages().empty());
  EXPECT_FALSE(asked.may_tell);
}

std::string report_stack(const std::string& socket, const std::string& options = "") {
  return "auth required @PROBE@ token=accepted\nauth optional @MODULE@ report socket=" + socket + " " + options + "\n";
}

// Also when the stored password is another: then the news may be the reason.
TEST(News, comes_with_a_password_that_another_module_accepted) {
  for (const Errc outcome : {Errc::ok, Errc::wrong_password}) {
    Asked asked;
    ScriptedDaemon daemon(telling(asked, Verdict::error, outcome));
    PamSession pam(report_stack(daemon.socket()), "alice");
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(asked.times, 1);
    EXPECT_TRUE(pam.was_told(kNews));
  }
}

TEST(News, a_report_that_tells_nothing_shows_nothing) {
  Asked asked;
  ScriptedDaemon daemon(telling(asked, Verdict::error));
  PamSession pam(report_stack(daemon.socket(), "quiet"), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_FALSE(asked.may_tell);
  EXPECT_TRUE(pam.messages().empty());
}

}  // namespace
}  // namespace faceauth::test
