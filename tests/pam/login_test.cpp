// What a person sees and types, and what a stack makes of each verdict.
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using wire::Answers;
using wire::Asks;
using wire::Type;

void nap(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

struct Answered {
  Answers kind{};
  std::string password;
};

// What a daemon saw of one login; read it after the daemon stopped.
struct Seen {
  wire::AuthBegin begin;
  std::string user, service, tty, rhost;
  std::vector<Answered> answers;
};

bool begin(Client& c, Seen& seen) {
  if (!c.receive() || c.type() != Type::auth_begin) return false;
  const auto b = c.body<wire::AuthBegin>();
  if (!c.decoded()) return false;
  seen.begin = b;
  seen.user = str(b.user), seen.service = str(b.service), seen.tty = str(b.tty), seen.rhost = str(b.rhost);
  return c.ack();
}
bool ask(Client& c, Seen& seen, Asks what) {
  if (!c.send(Type::ask, wire::Ask{what, {"sudo apt upgrade", 16}}) || !c.receive() || c.type() != Type::answer)
    return false;
  const auto a = c.body<wire::Answer>();
  seen.answers.push_back({a.kind, str(a.password)});
  return c.decoded();
}

// Asks for each of `asks` and then grants.
ScriptedDaemon::Script granting_after(Seen& seen, std::vector<Asks> asks) {
  return [&seen, asks = std::move(asks)](Client& c) {
    if (!begin(c, seen)) return;
    for (const Asks what : asks)
      if (!ask(c, seen, what)) return;
    c.verdict(Verdict::match, "alice", true);
  };
}

struct Expected {
  Verdict verdict;
  int code;
  const char* told;
};
class EveryVerdict : public testing::TestWithParam<Expected> {};
TEST_P(EveryVerdict, has_its_code_and_words) {
  Seen seen;
  ScriptedDaemon daemon([&](Client& c) { begin(c, seen) && c.verdict(GetParam().verdict, "alice", true); });
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(), GetParam().code);
  if (*GetParam().told == '\0')
    EXPECT_TRUE(pam.messages().empty());
  else
    EXPECT_TRUE(pam.was_told(GetParam().told));
  // The login goes on to the password, but sddm ends it at an error.
  for (const auto& said : pam.messages()) EXPECT_NE(said.style, PAM_ERROR_MSG) << said.text;
}
INSTANTIATE_TEST_SUITE_P(Login, EveryVerdict,
                         testing::Values(Expected{Verdict::match, PAM_SUCCESS, ""},
                                         Expected{Verdict::error, PAM_SYSTEM_ERR, "failed"},
                                         Expected{Verdict::no_match, PAM_AUTH_ERR, "Not recognised"},
                                         Expected{Verdict::not_live, PAM_AUTH_ERR, "Not recognised"},
                                         Expected{Verdict::no_face, PAM_AUTHINFO_UNAVAIL, "No face"},
                                         Expected{Verdict::multiple_faces, PAM_AUTHINFO_UNAVAIL, "More than one"},
                                         Expected{Verdict::poor_quality, PAM_AUTHINFO_UNAVAIL, "clearly"},
                                         Expected{Verdict::not_enrolled, PAM_USER_UNKNOWN, ""},
                                         Expected{Verdict::locked_out, PAM_MAXTRIES, "Too many failures"},
                                         Expected{Verdict::disabled, PAM_AUTHINFO_UNAVAIL, "switched off"},
                                         Expected{Verdict::strong_auth_due, PAM_AUTHINFO_UNAVAIL, "password is needed"},
                                         Expected{Verdict::remote, PAM_AUTHINFO_UNAVAIL, ""},
                                         Expected{Verdict::not_allowed, PAM_AUTHINFO_UNAVAIL, ""},
                                         Expected{Verdict::busy, PAM_AUTHINFO_UNAVAIL, "busy"},
                                         Expected{Verdict::camera_unavailable, PAM_AUTHINFO_UNAVAIL, "camera"},
                                         Expected{Verdict::timeout, PAM_AUTHINFO_UNAVAIL, "in time"}),
                         [](const auto& row) {
                           std::string name = verdict_name(row.param.verdict);
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

struct ExpectedError {
  Errc error;
  int code;
};
class EveryFailure : public testing::TestWithParam<ExpectedError> {};
TEST_P(EveryFailure, has_its_code) {
  for (const bool acknowledged : {false, true}) {
    ScriptedDaemon daemon([&](Client& c) {
      if (c.receive() && (!acknowledged || c.ack()))
        c.send(Type::failure, wire::Failure{GetParam().error, text("why")});
    });
    PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
    EXPECT_EQ(pam.authenticate(), GetParam().code) << errc_name(GetParam().error);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Login, EveryFailure,
    testing::Values(
        ExpectedError{Errc::busy, PAM_AUTHINFO_UNAVAIL}, ExpectedError{Errc::timed_out, PAM_AUTHINFO_UNAVAIL},
        ExpectedError{Errc::not_permitted, PAM_AUTHINFO_UNAVAIL}, ExpectedError{Errc::cancelled, PAM_AUTHINFO_UNAVAIL},
        ExpectedError{Errc::eye_failed, PAM_AUTHINFO_UNAVAIL}, ExpectedError{Errc::camera_dark, PAM_AUTHINFO_UNAVAIL},
        ExpectedError{Errc::camera_unavailable, PAM_AUTHINFO_UNAVAIL}, ExpectedError{Errc::locked_out, PAM_MAXTRIES},
        ExpectedError{Errc::not_found, PAM_USER_UNKNOWN}, ExpectedError{Errc::wrong_password, PAM_SYSTEM_ERR},
        ExpectedError{Errc::corrupt, PAM_SYSTEM_ERR}, ExpectedError{Errc::protocol, PAM_SYSTEM_ERR},
        ExpectedError{Errc::internal, PAM_SYSTEM_ERR}, ExpectedError{Errc::invalid_argument, PAM_SYSTEM_ERR}));

TEST(Login, movements_are_told_and_also_to_the_silent) {
  Seen seen;
  for (const char* options : {"", "quiet"}) {
    ScriptedDaemon daemon([&](Client& c) {
      if (!begin(c, seen)) return;
      for (std::uint8_t m = 0; m <= kMovementLast; ++m)
        c.send(Type::notice, wire::NoticeBody{wire::Notice::movement, m, 0});
      c.verdict(Verdict::match, "alice", true);
    });
    PamSession pam(PamSession::line("auth", daemon.socket(), options), "alice");
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    for (const char* w : {"to the left", "to the right", "Nod", "Close your eyes"}) EXPECT_TRUE(pam.was_told(w)) << w;
    EXPECT_EQ(pam.was_told("straight"), *options == '\0');
  }
}

TEST(Login, a_movement_nobody_knows_is_a_broken_protocol) {
  Seen seen;
  ScriptedDaemon daemon([&](Client& c) {
    if (!begin(c, seen)) return;
    c.send(Type::notice, wire::NoticeBody{wire::Notice::movement, kMovementLast + 1, 0});
    c.verdict(Verdict::match, "alice", true);
  });
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SYSTEM_ERR);
}

TEST(Login, tells_the_keeper_who_where_and_how) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {}));
  PamSession pam(PamSession::line("auth", daemon.socket(), "timeout=7 factors=face+password intent=gesture"), "alice",
                 "test-service");
  pam.set(PAM_TTY, "/dev/tty3");
  pam.set(PAM_RHOST, std::string(400, 'h').c_str());
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_EQ(seen.user, "alice");
  EXPECT_EQ(seen.service, "test-service");
  EXPECT_EQ(seen.tty, "/dev/tty3");
  EXPECT_EQ(seen.rhost, std::string(limits::kHostMax, 'h'));
  EXPECT_EQ(seen.begin.timeout_ms, 7000u);
  EXPECT_EQ(seen.begin.factors, Factors::face_and_password);
  EXPECT_EQ(seen.begin.intent, Intent::gesture);
  EXPECT_FALSE(seen.begin.password_at_hand);
  EXPECT_TRUE(seen.begin.may_prompt);
}

// Scans with hints and then answers `v`.
ScriptedDaemon::Script scanning(Seen& seen, Verdict v, std::vector<FaceIssue> issues, int pause_ms) {
  return [&seen, v, issues = std::move(issues), pause_ms](Client& c) {
    if (!begin(c, seen)) return;
    c.send(Type::notice, wire::NoticeBody{wire::Notice::scanning, 0, 0});
    c.send(Type::notice, wire::NoticeBody{wire::Notice::scanning, 0, 0});
    for (const FaceIssue issue : issues) {
      c.send(Type::notice, wire::NoticeBody{wire::Notice::frame_issue, static_cast<std::uint8_t>(issue), 0});
      nap(pause_ms);
    }
    c.verdict(v, "alice", true);
  };
}

TEST(Login, a_face_is_guided_and_welcomed) {
  Seen seen;
  ScriptedDaemon daemon(
      scanning(seen, Verdict::match, {FaceIssue::too_dark, FaceIssue::too_dark, FaceIssue::too_small}, 300));
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  ASSERT_EQ(pam.messages().size(), 4u);  // each thing once
  EXPECT_EQ(pam.messages()[0].text, "Looking for your face for faceauth-test…");
  EXPECT_EQ(pam.messages()[1].text, "Too dark: more light on your face");
  EXPECT_EQ(pam.messages()[2].text, "Move closer");
  EXPECT_EQ(pam.messages()[3].text, "Face recognised");
}

TEST(Login, hints_change_at_most_twice_a_second) {
  Seen seen;
  std::vector<FaceIssue> flicker;
  for (int i = 0; i < 40; ++i) flicker.push_back(i % 2 == 0 ? FaceIssue::blurred : FaceIssue::too_small);
  ScriptedDaemon daemon(scanning(seen, Verdict::no_face, flicker, 30));  // 1.2 s
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL);
  std::vector<Message> hints;
  for (const Message& m : pam.messages())
    if (m.text == "Hold still" || m.text == "Move closer") hints.push_back(m);
  ASSERT_GE(hints.size(), 2u);
  for (std::size_t i = 1; i < hints.size(); ++i)
    EXPECT_GE(hints[i].at - hints[i - 1].at, std::chrono::milliseconds(495));
}

class Silence : public testing::TestWithParam<bool> {};
TEST_P(Silence, tells_nothing) {
  const bool by_flag = GetParam();
  for (const Verdict v : {Verdict::match, Verdict::no_match, Verdict::timeout}) {
    Seen seen;
    ScriptedDaemon daemon(scanning(seen, v, {FaceIssue::too_dark}, 0));
    PamSession pam(PamSession::line("auth", daemon.socket(), by_flag ? "" : "quiet"), "alice");
    pam.authenticate(by_flag ? PAM_SILENT : 0);
    EXPECT_TRUE(pam.messages().empty());
  }
}
INSTANTIATE_TEST_SUITE_P(Login, Silence, testing::Bool());

TEST(Login, sddm_is_told_nothing_and_others_are) {
  for (const char* service : {"sddm", "sddm2"}) {  // 0.19 waits for ever where two messages arrive together
    Seen seen;
    ScriptedDaemon daemon(scanning(seen, Verdict::match, {FaceIssue::too_dark}, 0));
    PamSession pam(PamSession::line("auth", daemon.socket()), "alice", service);
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(pam.messages().empty(), std::string(service) == "sddm");
  }
}

TEST(Login, a_typed_password_is_judged_and_left_for_the_next_module) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password}));
  PamSession pam(PamSession::line("auth", daemon.socket()) + "auth required @PROBE@ expect=s3cret\n", "alice");
  pam.types = [](const Message& m) { return m.text == "Password: " ? "s3cret" : "?"; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  ASSERT_EQ(seen.answers.size(), 1u);
  EXPECT_EQ(seen.answers[0].kind, Answers::password);
  EXPECT_EQ(seen.answers[0].password, "s3cret");
  EXPECT_FALSE(pam.was_told("Face recognised"));
}

TEST(Login, enter_scans_and_leaves_no_password) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::enter}));
  PamSession pam(PamSession::line("auth", daemon.socket()) + "auth required @PROBE@ none\n", "alice");
  pam.types = [](const Message&) { return ""; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_EQ(pam.messages()[0].text,
            "Press Enter to use your face for faceauth-test (sudo apt upgrade), or type your password: ");
  EXPECT_EQ(pam.messages()[0].style, PAM_PROMPT_ECHO_OFF);
  ASSERT_EQ(seen.answers.size(), 1u);
  EXPECT_EQ(seen.answers[0].kind, Answers::enter);
}

TEST(Login, a_password_typed_in_place_of_enter_is_one) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::enter}));
  PamSession pam(PamSession::line("auth", daemon.socket()) + "auth required @PROBE@ expect=typed\n", "alice");
  pam.types = [](const Message&) { return "typed"; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_EQ(seen.answers.at(0).kind, Answers::password);
  EXPECT_EQ(seen.answers.at(0).password, "typed");
}

struct Unusable {
  const char* name;
  std::optional<std::string> typed;
};
class UnusableAnswer : public testing::TestWithParam<Unusable> {};
TEST_P(UnusableAnswer, is_refused_and_the_keeper_decides) {
  Seen seen;
  ScriptedDaemon daemon([&](Client& c) {
    begin(c, seen) && ask(c, seen, Asks::password) && c.verdict(Verdict::not_allowed, "alice", false);
  });
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  pam.types = [](const Message&) { return GetParam().typed; };
  EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL);
  daemon.stop();
  ASSERT_EQ(seen.answers.size(), 1u);
  EXPECT_EQ(seen.answers[0].kind, Answers::refused);
  EXPECT_EQ(seen.answers[0].password, "");
}
INSTANTIATE_TEST_SUITE_P(Login, UnusableAnswer,
                         testing::Values(Unusable{"conversation_fails", std::nullopt}, Unusable{"nothing_typed", ""},
                                         Unusable{"too_long", std::string(limits::kPasswordMax + 1, 'x')}),
                         [](const auto& row) { return row.param.name; });

TEST(Login, the_longest_password_passes) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password}));
  PamSession pam(PamSession::line("auth", daemon.socket()), "alice");
  pam.types = [](const Message&) { return std::string(limits::kPasswordMax, 'x'); };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_EQ(seen.answers.at(0).password.size(), limits::kPasswordMax);
}

TEST(Login, try_first_pass_uses_the_password_at_hand_once) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password, Asks::password}));
  PamSession pam("auth required @PROBE@ token=first\n" + PamSession::line("auth", daemon.socket(), "try_first_pass"),
                 "alice");
  pam.types = [](const Message&) { return "second"; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_TRUE(seen.begin.password_at_hand);
  EXPECT_TRUE(seen.begin.may_prompt);
  ASSERT_EQ(seen.answers.size(), 2u);
  EXPECT_EQ(seen.answers[0].password, "first");
  EXPECT_EQ(seen.answers[1].password, "second");
}

TEST(Login, use_first_pass_never_prompts) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password, Asks::password, Asks::enter}));
  PamSession pam("auth required @PROBE@ token=first\n" + PamSession::line("auth", daemon.socket(), "use_first_pass"),
                 "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_FALSE(seen.begin.may_prompt);
  ASSERT_EQ(seen.answers.size(), 3u);
  EXPECT_EQ(seen.answers[0].password, "first");
  EXPECT_EQ(seen.answers[1].kind, Answers::refused);
  EXPECT_EQ(seen.answers[2].kind, Answers::refused);
  EXPECT_TRUE(pam.messages().empty());
}

TEST(Login, without_first_pass_options_an_earlier_password_is_left_alone) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password}));
  PamSession pam("auth required @PROBE@ token=first\n" + PamSession::line("auth", daemon.socket()), "alice");
  pam.types = [](const Message&) { return "mine"; };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_FALSE(seen.begin.password_at_hand);
  EXPECT_EQ(seen.answers.at(0).password, "mine");
}

TEST(Login, an_earlier_password_that_is_too_long_is_not_at_hand) {
  Seen seen;
  ScriptedDaemon daemon(granting_after(seen, {Asks::password}));
  const std::string token(limits::kPasswordMax + 1, 'x');
  PamSession pam(
      "auth required @PROBE@ token=" + token + "\n" + PamSession::line("auth", daemon.socket(), "use_first_pass"),
      "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  daemon.stop();
  EXPECT_FALSE(seen.begin.password_at_hand);
  EXPECT_EQ(seen.answers.at(0).kind, Answers::refused);
}

TEST(Login, time_in_the_conversation_does_not_count) {
  Seen seen;
  ScriptedDaemon daemon([&](Client& c) {
    if (!begin(c, seen) || !ask(c, seen, Asks::password)) return;
    nap(600);
    c.verdict(Verdict::match, "alice", true);
  });
  PamSession pam(PamSession::line("auth", daemon.socket(), "timeout=1"), "alice");
  pam.types = [](const Message&) {
    nap(1500);
    return "pw";
  };
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_GE(pam.elapsed_ms(), 2100);
}

TEST(Login, but_the_keepers_time_still_does) {
  Seen seen;
  ScriptedDaemon daemon([&](Client& c) {
    if (begin(c, seen) && ask(c, seen, Asks::password)) c.wait_until_gone();
  });
  PamSession pam(PamSession::line("auth", daemon.socket(), "timeout=1"), "alice");
  pam.types = [](const Message&) {
    nap(800);
    return "pw";
  };
  EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL);
  EXPECT_GE(pam.elapsed_ms(), 1800);
  EXPECT_LE(pam.elapsed_ms(), 800 + 1250);
}

TEST(Login, setcred_succeeds) {
  PamSession pam(PamSession::line("auth", "/nonexistent"), "alice");
  EXPECT_EQ(pam.setcred(), PAM_SUCCESS);
}

}  // namespace
}  // namespace faceauth::test
