// At a terminal: looking and typing at the same time, through real libpam, and the terminal left as it was.
#include "at_terminal.h"
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using wire::Type;
using wire::Typing;

constexpr const char* kPrompt = "Look at the camera for faceauth-test, or type your password: ";
constexpr const char* kWhole = "[terminal same] [mask same]";

std::string code(int pam) { return "[code " + std::to_string(pam) + "]"; }

// A keeper that looks until it is told what it sees, and judges the password "secret".
struct Keeper {
  Typing typing = Typing::next_module;
  Verdict sees = Verdict::match;
  std::vector<wire::NoticeBody> notices;
  std::atomic<bool> decide{false}, client_left{false};
  std::atomic<int> requests{0};
  wire::AuthBegin last;  // its texts are gone
  std::string password;

  ScriptedDaemon daemon{[this](Client& c) {
    if (!c.receive() || c.type() != Type::auth_begin) return;
    last = c.body<wire::AuthBegin>();
    ++requests;
    c.ack();
    if (last.factors == Factors::password) return judge_password(c);
    c.send(Type::notice, wire::NoticeBody{wire::Notice::scanning, static_cast<std::uint8_t>(typing), 0});
    for (const wire::NoticeBody& notice : notices) c.send(Type::notice, notice);
    for (int i = 0; !decide && i < 400; ++i) {
      if (!c.send(Type::notice, wire::NoticeBody{wire::Notice::frame_issue, 0, 0})) {
        client_left = true;
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    c.verdict(sees, "alice", sees == Verdict::match || sees == Verdict::no_match);
  }};

  void judge_password(Client& c) {
    if (!c.send(Type::ask, wire::Ask{wire::Asks::password, {}}) || !c.receive()) return;
    password = str(c.body<wire::Answer>().password);
    c.verdict(password == "secret" ? Verdict::match : Verdict::no_match, "alice", true);
  }
  [[nodiscard]] bool was_left() const {
    for (int i = 0; i < 500 && !client_left; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return client_left;
  }
  // Ours, and then a module that accepts `expected` alone.
  [[nodiscard]] std::string stack(const std::string& expected, const std::string& options = "") const {
    return "auth sufficient @MODULE@ socket=" + daemon.socket() + " " + options +
           "\nauth required @PROBE@ expect=" + expected + "\n";
  }
};

TEST(AtATerminal, a_face_ends_the_prompt_without_enter) {
  Keeper keeper;
  AtTerminal person(keeper.stack("nothing"));
  ASSERT_TRUE(person.shows(kPrompt)) << person.screen();
  EXPECT_FALSE(person.echoes());
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
  EXPECT_THAT(person.screen(), HasSubstr("[said: Face recognised]"));
  EXPECT_TRUE(person.as_before());
}

TEST(AtATerminal, a_stranger_is_refused_and_the_next_module_asks) {
  Keeper keeper;
  keeper.sees = Verdict::no_match;
  AtTerminal person(keeper.stack("nothing"));
  ASSERT_TRUE(person.shows(kPrompt));
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr("[said: Not recognised]"));
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
}

TEST(AtATerminal, the_first_key_ends_the_scan_and_the_line_is_the_next_modules) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("s");
  EXPECT_TRUE(keeper.was_left()) << "the camera is let go at the first key";
  EXPECT_TRUE(person.shows("Password: "));
  person.type("ecret");
  EXPECT_FALSE(person.echoes());
  person.type("\r");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
  EXPECT_THAT(person.screen(), Not(HasSubstr("secret"))) << "never echoed";
  EXPECT_TRUE(person.as_before());
}

TEST(AtATerminal, a_wrong_password_is_refused_by_the_next_module) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("guess\r");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
}

TEST(AtATerminal, what_was_typed_ahead_counts) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"), {}, "secret\r");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_TRUE(keeper.was_left());
}

TEST(AtATerminal, enter_alone_ends_nothing) {
  Keeper keeper;
  AtTerminal person(keeper.stack("nothing"), {}, "\r");
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("\r\r");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(keeper.client_left);
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
}

struct Edited {
  const char *keys, *line;
};
class Editing : public testing::TestWithParam<Edited> {};
TEST_P(Editing, has_the_terminals_keys) {
  Keeper keeper;
  AtTerminal person(keeper.stack(GetParam().line));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type(GetParam().keys);
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
}
INSTANTIATE_TEST_SUITE_P(AtATerminal, Editing,
                         testing::Values(Edited{"secreu\x7ft\r", "secret"}, Edited{"nonsense\x15secret\r", "secret"},
                                         Edited{"secret no\x17\x7f\r", "secret"}, Edited{"secret\x04", "secret"},
                                         Edited{"secr\u00e9\u20ac\x7f\x7f"
                                                "et\r",
                                                "secret"},
                                         Edited{"\x7f\x7f\x15secret\r", "secret"}));

TEST(AtATerminal, a_line_that_is_erased_again_asks_nobody) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("x\x7f\r");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_EQ(keeper.requests, 1);
}

TEST(AtATerminal, a_password_that_is_too_long_is_not_cut) {
  for (const std::size_t more : {0u, 1u}) {
    Keeper keeper;
    AtTerminal person(keeper.stack(std::string(limits::kPasswordMax, 'x')));
    ASSERT_TRUE(person.shows(kPrompt));
    person.type(std::string(limits::kPasswordMax + more, 'x') + "\r");
    EXPECT_EQ(person.ends(), 0);
    EXPECT_THAT(person.screen(), HasSubstr(code(more == 0 ? PAM_SUCCESS : PAM_AUTHTOK_RECOVERY_ERR)));
  }
}

TEST(AtATerminal, a_line_begun_anew_is_no_longer_too_long) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type(std::string(limits::kPasswordMax + 1, 'x') + "\x15secret\r");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
}

// [service] factors = "face|password".
TEST(AtATerminal, a_password_that_the_keeper_judges_is_sent_there) {
  for (const char* typed : {"secret", "guess"}) {
    Keeper keeper;
    keeper.typing = Typing::judged_here;
    AtTerminal person(PamSession::line("auth", keeper.daemon.socket()));
    ASSERT_TRUE(person.shows(kPrompt));
    person.type(std::string(typed) + "\r");
    EXPECT_EQ(person.ends(), 0);
    keeper.daemon.stop();
    const bool right = keeper.password == "secret";
    EXPECT_EQ(keeper.password, typed);
    EXPECT_EQ(keeper.requests, 2);
    EXPECT_TRUE(keeper.last.password_at_hand);
    EXPECT_FALSE(keeper.last.may_prompt);
    EXPECT_THAT(person.screen(), HasSubstr(code(right ? PAM_SUCCESS : PAM_AUTH_ERR)));
    EXPECT_THAT(person.screen(), Not(HasSubstr("Face recognised")));
  }
}

TEST(AtATerminal, hints_take_the_prompts_place) {
  for (const bool silent : {false, true}) {
    Keeper keeper;
    keeper.notices = {{wire::Notice::frame_issue, static_cast<std::uint8_t>(FaceIssue::too_dark), 0}};
    AtTerminal person(keeper.stack("x"), {.flags = silent ? static_cast<int>(PAM_SILENT) : 0});
    ASSERT_TRUE(person.shows(kPrompt)) << "a question, which silence does not forbid";
    const std::string hint = "\r\033[KToo dark: more light on your face, or type your password: ";
    EXPECT_EQ(person.shows(hint, silent ? 300 : 5000), !silent);
    keeper.decide = true;
    EXPECT_EQ(person.ends(), 0);
    EXPECT_EQ(person.screen().find("Face recognised") == std::string::npos, silent);
  }
}

TEST(AtATerminal, a_terminal_without_controls_gets_lines) {
  Keeper keeper;
  keeper.notices = {{wire::Notice::frame_issue, static_cast<std::uint8_t>(FaceIssue::too_small), 0}};
  AtTerminal person(keeper.stack("x"), {.environment = {"TERM=dumb"}});
  EXPECT_TRUE(person.shows("\r\nMove closer, or type your password: "));
  EXPECT_THAT(person.screen(), Not(HasSubstr("\033")));
}

// C.UTF-8 is every Debian's; a program that has set no locale gets English whatever the environment says.
TEST(AtATerminal, a_person_is_addressed_in_his_language) {
  constexpr const char* kSaid[][3] = {
      {"de",
       "Schauen Sie für faceauth-test in die Kamera, oder geben Sie Ihr Passwort ein: ", "[said: Gesicht erkannt]"},
      {"fr", "Regardez la caméra pour faceauth-test, ou saisissez votre mot de passe : ", "[said: Visage reconnu]"},
      {"xx", kPrompt, "[said: Face recognised]"}};
  for (const auto& [language, prompt, recognised] : kSaid)
    for (const bool with_locale : {true, false}) {
      Keeper keeper;
      const std::string locale = with_locale ? "LC_ALL=C.UTF-8" : "LC_ALL=C";
      AtTerminal person(keeper.stack("x"),
                        {.environment = {"TERM=xterm", locale, std::string("LANGUAGE=") + language}});
      EXPECT_TRUE(person.shows(with_locale ? prompt : kPrompt)) << person.screen();
      keeper.decide = true;
      EXPECT_EQ(person.ends(), 0);
      EXPECT_THAT(person.screen(), HasSubstr(with_locale ? recognised : "[said: Face recognised]"));
    }
}

TEST(AtATerminal, control_c_ends_the_program_and_spares_the_terminal) {
  for (const bool in_a_line : {false, true}) {
    Keeper keeper;
    AtTerminal person(keeper.stack("secret"));
    ASSERT_TRUE(person.shows(kPrompt));
    person.type(in_a_line ? "sec\x03" : "\x03");
    EXPECT_EQ(person.ends(), 128 + SIGINT) << person.screen();
    EXPECT_TRUE(person.as_before());
    EXPECT_TRUE(keeper.was_left());
  }
}

TEST(AtATerminal, a_program_that_handles_the_signal_goes_on) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"), {.how = "handler"});
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("\x03");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_THAT(person.screen(), HasSubstr(std::string(kWhole) + " [handled 1, whole]"));
}

TEST(AtATerminal, a_signal_from_elsewhere_spares_the_terminal) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) {
    Keeper keeper;
    AtTerminal person(keeper.stack("secret"));
    ASSERT_TRUE(person.shows(kPrompt));
    person.signal(number);
    EXPECT_EQ(person.ends(), 128 + number);
    EXPECT_TRUE(person.as_before());
  }
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"), {.how = "handler"});
  ASSERT_TRUE(person.shows(kPrompt));
  person.signal(SIGTERM);
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(std::string(kWhole) + " [handled 1, whole]"));
}

TEST(AtATerminal, control_z_stops_with_the_terminal_whole_and_ends_the_scan) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"), {.how = "job"});
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("\x1a");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr("[stopped by " + std::to_string(SIGTSTP) + "] [terminal same]"));
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
  EXPECT_TRUE(keeper.was_left());
}

TEST(AtATerminal, a_resized_window_changes_nothing) {
  Keeper keeper;
  AtTerminal person(keeper.stack("nothing"), {.how = "winch"});
  ASSERT_TRUE(person.shows(kPrompt));
  for (const unsigned columns : {60u, 100u}) {
    person.resize(columns);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(person.echoes());
  EXPECT_FALSE(keeper.client_left);
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), HasSubstr(std::string(kWhole) + " [handled 2"));
}

TEST(AtATerminal, end_of_file_leaves) {
  Keeper keeper;
  AtTerminal person(keeper.stack("secret"));
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("\x04");
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_AUTHTOK_RECOVERY_ERR)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
}

// `sudo x | less`: the pager may read a key that we were told of.
TEST(AtATerminal, a_key_that_another_program_takes_first_holds_nobody_up) {
  Keeper keeper;
  AtTerminal person(keeper.stack("nothing"), {.how = "rival"});
  ASSERT_TRUE(person.shows(kPrompt));
  person.type("q");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(keeper.client_left);
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), HasSubstr(kWhole));
}

TEST(AtATerminal, a_terminal_that_hangs_up_ends_the_scan) {
  Keeper keeper;
  AtTerminal person(keeper.stack("nothing"), {.how = "nohup"});
  ASSERT_TRUE(person.shows(kPrompt));
  person.hang_up();
  EXPECT_TRUE(keeper.was_left());
}

struct Elsewhere {
  const char* name;
  Host host;
  const char* options = "";
  Typing typing = Typing::next_module;
  const char* said = "[said: Looking for your face for faceauth-test…]";
};
class NotOurs : public testing::TestWithParam<Elsewhere> {};
TEST_P(NotOurs, the_terminal_is_left_alone) {
  Keeper keeper;
  keeper.typing = GetParam().typing;
  AtTerminal person(keeper.stack("nothing", GetParam().options), GetParam().host);
  ASSERT_TRUE(person.shows(*GetParam().said != '\0' ? GetParam().said : "ready"));
  for (int i = 0; keeper.requests == 0 && i < 500; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(person.as_before());
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
  EXPECT_THAT(person.screen(), HasSubstr(code(PAM_SUCCESS)));
  EXPECT_THAT(person.screen(), Not(HasSubstr("or type")));
}
INSTANTIATE_TEST_SUITE_P(AtATerminal, NotOurs,
                         testing::Values(Elsewhere{"pipe", {.stdin_is_pipe = true}},
                                         Elsewhere{"another", {.tty = "/dev/tty63"}},
                                         Elsewhere{"display", {.tty = ":0"}}, Elsewhere{"unnamed", {.tty = ""}},
                                         Elsewhere{"background", {.how = "background"}},
                                         Elsewhere{"quiet", {}, "quiet", Typing::next_module, ""},
                                         Elsewhere{"needed_anyway", {}, "", Typing::not_offered},
                                         Elsewhere{"never_asked", {}, "use_first_pass"}),
                         [](const auto& row) { return std::string(row.param.name); });

// The stack asked for a password before the face.
TEST(AtATerminal, with_a_password_at_hand_none_is_asked_for) {
  Keeper keeper;
  AtTerminal person("auth required @PROBE@ token=secret\n" + keeper.stack("secret"));
  ASSERT_TRUE(person.shows("[said: Looking for your face"));
  EXPECT_TRUE(person.as_before());
  keeper.decide = true;
  EXPECT_EQ(person.ends(), 0);
}

}  // namespace
}  // namespace faceauth::test
