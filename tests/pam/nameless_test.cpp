// `identify`: what the module asks, and what it makes of the answer, where the application knows no name.
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>

namespace faceauth::test {
namespace {

using wire::Type;

std::optional<std::string> user_of(const PamSession& pam) {
  const void* user = nullptr;
  if (::pam_get_item(pam.handle(), PAM_USER, &user) != PAM_SUCCESS || user == nullptr) return std::nullopt;
  return static_cast<const char*>(user);
}

struct Asked {
  std::atomic<Type> type{Type::ack};
  std::atomic<bool> named{false};
};

ScriptedDaemon::Script saying(Asked& asked, Verdict verdict, const std::string& user, bool judged = true) {
  return [&asked, verdict, user, judged](Client& c) {
    if (!c.receive()) return;
    asked.type = c.type();
    asked.named = c.body<wire::AuthBegin>().user.size > 0;
    c.ack() && c.verdict(verdict, user, judged);
  };
}

TEST(Nameless, who_is_recognised_becomes_the_user) {
  for (const std::string& name : {std::string("alice"), std::string(limits::kUserNameMax, 'u')}) {
    Asked asked;
    ScriptedDaemon daemon(saying(asked, Verdict::match, name));
    PamSession pam(PamSession::line("auth", daemon.socket(), "identify"), nullptr);
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(user_of(pam), name);
    EXPECT_EQ(asked.type.load(), Type::auth_identify);
    EXPECT_FALSE(asked.named);
    for (const Message& m : pam.messages()) EXPECT_EQ(m.text.find(name), std::string::npos) << "names are not shown";
  }
}

TEST(Nameless, an_empty_name_is_none) {
  Asked asked;
  ScriptedDaemon daemon(saying(asked, Verdict::match, "alice"));
  PamSession pam(PamSession::line("auth", daemon.socket(), "identify"), "");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_EQ(user_of(pam), "alice");
}

TEST(Nameless, a_name_that_is_known_is_asked_about_as_ever) {
  Asked asked;
  ScriptedDaemon daemon(saying(asked, Verdict::match, "alice"));
  PamSession pam(PamSession::line("auth", daemon.socket(), "identify"), "alice");
  EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
  EXPECT_EQ(asked.type.load(), Type::auth_begin);
  PamSession other(PamSession::line("auth", daemon.socket(), "identify"), "bob");
  EXPECT_EQ(other.authenticate(), PAM_SYSTEM_ERR) << "a match of somebody else";
  EXPECT_EQ(user_of(other), "bob");
}

// One code for all: no user was refused, and the code must not say whose face it was.
TEST(Nameless, whatever_the_reason_nobody_is_named) {
  for (std::uint8_t v = 0; v <= kVerdictLast; ++v) {
    const auto verdict = static_cast<Verdict>(v);
    if (verdict == Verdict::match) continue;
    Asked asked;
    ScriptedDaemon daemon(saying(asked, verdict, ""));
    PamSession pam(PamSession::line("auth", daemon.socket(), "identify"), nullptr);
    EXPECT_EQ(pam.authenticate(), PAM_AUTHINFO_UNAVAIL) << verdict_name(verdict);
    EXPECT_EQ(user_of(pam), std::nullopt);
  }
}

TEST(Nameless, an_answer_that_fits_no_question_lets_nobody_in) {
  struct Wrong {
    Verdict verdict;
    std::string user;
    bool judged;
  };
  for (const Wrong& wrong : {Wrong{Verdict::match, "", true}, Wrong{Verdict::match, "alice", false},
                             Wrong{Verdict::no_match, "alice", true}}) {
    Asked asked;
    ScriptedDaemon daemon(saying(asked, wrong.verdict, wrong.user, wrong.judged));
    PamSession pam(PamSession::line("auth", daemon.socket(), "identify"), nullptr);
    EXPECT_EQ(pam.authenticate(), PAM_SYSTEM_ERR);
    EXPECT_EQ(user_of(pam), std::nullopt);
  }
}

TEST(Nameless, the_next_module_gets_the_name_or_asks_for_it) {
  const std::string rest = "auth required @PROBE@ user=alice\n";
  for (const Verdict verdict : {Verdict::match, Verdict::no_match}) {
    Asked asked;
    ScriptedDaemon daemon(saying(asked, verdict, verdict == Verdict::match ? "alice" : ""));
    PamSession pam("auth optional @MODULE@ identify socket=" + daemon.socket() + "\n" + rest, nullptr);
    int times = 0;
    pam.types = [&times](const Message&) { return ++times, "alice"; };
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(times, verdict == Verdict::match ? 0 : 1);
  }
}

// Anything but Enter is the wish to give a name, and no password of anybody.
TEST(Nameless, what_is_typed_in_place_of_enter_is_no_password) {
  for (const std::string typed : {"", "alice"}) {
    std::atomic<int> answered{-1};
    ScriptedDaemon daemon([&](Client& c) {
      if (!c.receive() || !c.ack()) return;
      c.send(Type::ask, wire::Ask{wire::Asks::enter, text("login")});
      if (!c.receive()) return;
      answered = static_cast<int>(c.body<wire::Answer>().kind);
      const bool enter = answered == static_cast<int>(wire::Answers::enter);
      c.verdict(enter ? Verdict::match : Verdict::not_allowed, enter ? "alice" : "", enter);
    });
    PamSession pam("auth optional @MODULE@ identify socket=" + daemon.socket() + "\nauth required @PROBE@ none\n",
                   nullptr);
    pam.types = [&typed](const Message&) { return typed; };
    EXPECT_EQ(pam.authenticate(), PAM_SUCCESS);
    EXPECT_EQ(answered, static_cast<int>(typed.empty() ? wire::Answers::enter : wire::Answers::refused));
    EXPECT_TRUE(pam.was_told("anything else for your name"));
    EXPECT_EQ(user_of(pam), typed.empty() ? std::optional<std::string>("alice") : std::nullopt);
  }
}

}  // namespace
}  // namespace faceauth::test
