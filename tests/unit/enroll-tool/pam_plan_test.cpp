#include <enroll-tool/pam_plan.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>

#include "real_libpam.h"

namespace faceauth::enroll::pam {
namespace {

using test::replace_all;

constexpr const char* kCommonAuth =
    "# as pam-auth-update writes it\n"
    "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n"
    "auth\trequisite\t\t\tpam_deny.so\n"
    "auth\trequired\t\t\tpam_permit.so\n"
    "auth\toptional\t\t\tpam_cap.so \n";

// As Debian 12 ships them, without what is not auth.
const std::map<std::string, std::string> kDebian{
    {"common-auth", kCommonAuth},
    {"sudo", "#%PAM-1.0\nsession required pam_limits.so\n@include common-auth\n@include common-account\n"},
    {"login",
     "auth optional pam_faildelay.so delay=3000000\nauth requisite pam_nologin.so\nsession required pam_env.so\n"
     "@include common-auth\nauth optional pam_group.so\n@include common-account"},
    {"su", "auth       sufficient pam_rootok.so\n# auth required pam_wheel.so\n@include common-auth\n"},
    {"su-l", "#%PAM-1.0\nauth\t\tinclude\t\tsu\n"},
    {"lightdm",
     "auth requisite pam_nologin.so\nauth required pam_succeed_if.so user != root quiet_success\n"
     "@include common-auth\n-auth optional pam_gnome_keyring.so\n"},
    {"common-account", ""},
    {"i3lock", "auth include common-auth"},
    {"swaylock", "auth substack common-auth\n"},
};

Reader reader(std::map<std::string, std::string> files) {
  return [files = std::move(files)](const std::string& name) -> Result<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return fail(Errc::not_found, "no such file");
    return found->second;
  };
}

Result<Plan> plan(const std::string& text, Mode mode = Mode::face_first, const std::string& service = "svc") {
  return plan_enable(text, service, mode, reader(kDebian));
}

std::string refusal(const std::string& text) {
  const Result<Plan> made = plan(text);
  return made ? "" : made.error().message;
}

View view_of(const std::string& text) { return inspect(flatten(parse_file(text), "svc", reader(kDebian)), "svc"); }

// The same stack with stand-ins that return what is wanted, run by libpam.
test::Authenticated run(const std::string& service, const std::string& text, const char* face, const char* password,
                        const char* before = "success") {
  auto files = kDebian;
  files[service] = text;
  for (auto& [name, content] : files) {
    replace_all(content, "pam_faceauth.so report", "pam_echo.so reported");
    replace_all(content, "pam_faceauth.so", fmt::format("pam_debug.so auth={}", face));
    replace_all(content, "pam_unix.so", fmt::format("pam_debug.so auth={}", password));
    replace_all(content, "pam_nologin.so", fmt::format("pam_debug.so auth={}", before));
    replace_all(content, "pam_rootok.so", "pam_debug.so auth=auth_err");
    replace_all(content, "pam_succeed_if.so", "pam_debug.so auth=success");
    for (const char* optional : {"pam_cap.so", "pam_gnome_keyring.so", "pam_group.so", "pam_faildelay.so"})
      replace_all(content, optional, "pam_debug.so auth=ignore");
  }
  return test::authenticate(files, service);
}

bool granted(const test::Authenticated& ran) { return ran.code == PAM_SUCCESS; }
bool reported(const test::Authenticated& ran) { return ran.told.find("reported") != std::string::npos; }

TEST(PamPlan, OnDebiansServicesUnderTheRealLibpam) {
  for (const char* service : {"sudo", "login", "su", "lightdm", "i3lock"}) {
    for (const Mode mode : {Mode::face_first, Mode::enter}) {
      const Result<Plan> made = plan(kDebian.at(service), mode, service);
      ASSERT_TRUE(made) << service << ": " << made.error().message;
      const std::string& text = made->text;
      const auto by_face = run(service, text, "success", "auth_err");
      EXPECT_TRUE(granted(by_face)) << text;
      EXPECT_FALSE(reported(by_face)) << text;
      for (const char* face : {"authinfo_unavail", "auth_err", "user_unknown", "maxtries", "system_err"}) {
        const auto by_password = run(service, text, face, "success");
        EXPECT_TRUE(granted(by_password)) << face << "\n" << text;
        EXPECT_TRUE(reported(by_password)) << face << "\n" << text;
        const auto by_none = run(service, text, face, "auth_err");
        EXPECT_FALSE(granted(by_none)) << face << "\n" << text;
        EXPECT_FALSE(reported(by_none)) << face << "\n" << text;
      }
    }
  }
}

TEST(PamPlan, AnEarlierRefusalHoldsAgainstAnAcceptedFace) {
  for (const char* service : {"login", "lightdm"}) {
    const std::string text = plan(kDebian.at(service), Mode::face_first, service)->text;
    EXPECT_FALSE(granted(run(service, text, "success", "success", "auth_err"))) << text;
  }
}

TEST(PamPlan, BothFactorsWantBoth) {
  for (const char* service : {"sudo", "login", "su", "lightdm", "i3lock"}) {
    const Result<Plan> made = plan(kDebian.at(service), Mode::face_and_password, service);
    ASSERT_TRUE(made) << service << ": " << made.error().message;
    EXPECT_TRUE(granted(run(service, made->text, "success", "success"))) << made->text;
    EXPECT_FALSE(granted(run(service, made->text, "success", "auth_err"))) << made->text;
    EXPECT_FALSE(granted(run(service, made->text, "auth_err", "success"))) << made->text;
    const auto dead = run(service, made->text, "authinfo_unavail", "success");
    EXPECT_FALSE(granted(dead)) << made->text;
    EXPECT_TRUE(reported(dead)) << "after a restart the face asks for a password first, and must learn of it here";
    ASSERT_FALSE(made->notes.empty());
    EXPECT_NE(made->notes.back().find("root shell"), std::string::npos);
  }
}

TEST(PamPlan, TakingItOutGivesBackEveryByte) {
  for (const std::string& text :
       {kDebian.at("sudo"), kDebian.at("login"), kDebian.at("i3lock"), std::string("auth required pam_unix.so"),
        std::string("\n\nauth required \\\n pam_unix.so   \n\n# end"), kDebian.at("swaylock")}) {
    for (const Mode mode : {Mode::face_first, Mode::enter, Mode::face_and_password}) {
      const Result<Plan> made = plan(text, mode);
      ASSERT_TRUE(made) << made.error().message << "\n" << text;
      EXPECT_NE(made->text, text);
      EXPECT_EQ(*without_marked(made->text), text) << made->text;
      const Result<Plan> again = plan(made->text, mode);
      ASSERT_TRUE(again);
      EXPECT_EQ(again->text, made->text) << "a second time changes nothing";
    }
  }
}

TEST(PamPlan, NoReportWhereARefusedPasswordGetsTo) {
  for (const char* text : {"auth required pam_unix.so\n", "auth sufficient pam_unix.so\nauth required pam_deny.so\n"}) {
    const Result<Plan> made = plan(text);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->text.find("report"), std::string::npos) << made->text;
    EXPECT_FALSE(made->notes.empty());
  }
  const Result<Plan> made = plan("auth requisite pam_unix.so\n");
  ASSERT_TRUE(made);
  EXPECT_NE(made->text.find("report"), std::string::npos) << "requisite ends the stack, so a line after it is safe";
}

TEST(PamPlan, WhatAFaceWouldSkipIsRefusedOrNamed) {
  EXPECT_NE(refusal("@include common-auth\nauth required pam_wheel.so\n").find("pam_wheel.so"), std::string::npos);
  EXPECT_NE(refusal("auth required pam_unix.so\nauth requisite pam_nologin.so\n").find("pam_nologin.so"),
            std::string::npos);
  EXPECT_NE(refusal("@include common-auth\nauth [success=1 default=ignore] pam_succeed_if.so uid = 0\n"
                    "auth requisite pam_deny.so\nauth required pam_permit.so\n")
                .find("pam_succeed_if.so"),
            std::string::npos);
  EXPECT_EQ(refusal("auth required pam_wheel.so\n@include common-auth\n"), "") << "above the password it is run";
  EXPECT_EQ(refusal("@include common-auth\nauth optional pam_group.so\nauth required pam_env.so\n"), "");
  EXPECT_NE(plan(kDebian.at("login"))->notes.at(0).find("pam_group.so"), std::string::npos);
}

TEST(PamPlan, FilesThatAreNotWorkedOn) {
  const std::string service_of_another = "auth include su\n";
  EXPECT_NE(refusal(service_of_another).find("takes its lines from su"), std::string::npos);
  EXPECT_NE(refusal("auth sufficient pam_rootok.so\nauth required pam_deny.so\n").find("password"), std::string::npos);
  EXPECT_NE(refusal("auth [success=1 default=ignore] pam_foo.so\n@include common-auth\n").find("jumps over"),
            std::string::npos);
  EXPECT_NE(refusal("auth sufficient pam_faceauth.so\n@include common-auth\n").find("by hand"), std::string::npos);
  EXPECT_NE(refusal("auth required pam_unix.so\r\n"), "");
  EXPECT_NE(refusal("@include missing\n@include common-auth\n"), "");
  EXPECT_NE(refusal("auth required\n@include common-auth\n"), "");
  EXPECT_NE(refusal(""), "");
  EXPECT_EQ(refusal("auth [success=1 default=ignore] pam_foo.so\nauth requisite pam_deny.so\n@include common-auth\n"),
            "")
      << "a jump to the very place is a jump to the password";
}

TEST(PamPlan, DamagedMarksAreNotGuessedAt) {
  const std::string begin = "# faceauth: begin\n", end = "# faceauth: end\n",
                    ours = "auth sufficient pam_faceauth.so\n";
  for (const std::string& text : {begin + ours, ours + end, begin + begin + ours + end, end + begin,
                                  begin + "auth required pam_wheel.so\n" + end, begin + "auth required \\\n" + end})
    EXPECT_FALSE(without_marked(text)) << text;
  EXPECT_EQ(*without_marked("a\n" + begin + ours + end + "b"), "a\nb");
}

TEST(PamView, ModesAndWhereTheyComeFrom) {
  EXPECT_EQ(view_of("@include common-auth\n").mode, Mode::none);
  EXPECT_EQ(view_of("auth sufficient pam_faceauth.so intent=enter\n@include common-auth\n").mode, Mode::enter);
  EXPECT_EQ(view_of("auth required pam_faceauth.so\n@include common-auth\n").mode, Mode::face_and_password);
  EXPECT_EQ(view_of("@include common-auth\nauth optional pam_faceauth.so report\n").mode, Mode::report_only);
  // As pam-auth-update's profile makes common-auth.
  const std::string common =
      "auth [success=2 default=ignore] pam_faceauth.so\nauth [success=1 default=ignore] pam_unix.so nullok\n"
      "auth requisite pam_deny.so\nauth required pam_permit.so\nauth optional pam_faceauth.so report\n";
  const File own = parse_file("auth requisite pam_nologin.so\n@include common-auth\n");
  const View view = inspect(flatten(own, "svc", reader({{"common-auth", common}})), "svc");
  EXPECT_EQ(view.mode, Mode::face_first);
  EXPECT_EQ(view.through, "common-auth");
  EXPECT_TRUE(view.report);
  EXPECT_TRUE(view.problems.empty()) << view.problems[0];
}

TEST(PamView, WhoGetsInWithoutAnAcceptedFace) {
  const auto otherwise = [](const std::string& rest) {
    return view_of("auth sufficient pam_faceauth.so\n" + rest).otherwise;
  };
  EXPECT_EQ(otherwise("@include common-auth\n"), Otherwise::password);
  EXPECT_EQ(otherwise("auth required pam_unix.so\nauth required pam_u2f.so\n"), Otherwise::password);
  EXPECT_EQ(otherwise("auth required pam_u2f.so\n"), Otherwise::another);
  EXPECT_EQ(otherwise("auth required pam_deny.so\n"), Otherwise::nobody);
  EXPECT_EQ(otherwise("auth required pam_env.so\n"), Otherwise::nobody) << "it only sets something up";
  EXPECT_EQ(otherwise(""), Otherwise::nobody);
  EXPECT_EQ(otherwise("auth required pam_permit.so\n"), Otherwise::anybody);
  EXPECT_EQ(otherwise("auth sufficient pam_unix.so\nauth required pam_permit.so\n"), Otherwise::anybody);
  EXPECT_EQ(otherwise("auth required pam_shells.so\n"), Otherwise::anybody) << "everybody has a shell";
  const View open = view_of("auth sufficient pam_faceauth.so\nauth required pam_permit.so\n");
  EXPECT_NE(open.problems.at(0).find("gets in all the same"), std::string::npos);
  const View alone = view_of("auth required pam_faceauth.so\nauth required pam_permit.so\n");
  EXPECT_EQ(alone.otherwise, Otherwise::anybody);
  EXPECT_NE(alone.problems.at(0).find("an accepted face is enough"), std::string::npos);
  EXPECT_TRUE(view_of("auth required pam_faceauth.so\n@include common-auth\n").problems.empty());
}

TEST(PamView, WhatIsWrong) {
  const auto problem = [](const std::string& text) {
    const View view = view_of(text);
    return view.problems.empty() ? "" : view.problems[0];
  };
  EXPECT_NE(problem("auth requisite pam_deny.so\nauth sufficient pam_faceauth.so\n").find("never reached"),
            std::string::npos);
  EXPECT_NE(problem("auth [success=3 default=ignore] pam_faceauth.so\nauth required pam_unix.so\n").find("jumps past"),
            std::string::npos);
  EXPECT_NE(problem("auth required pam_unix.so\nauth optional pam_faceauth.so report\n").find("refused"),
            std::string::npos);
  EXPECT_NE(problem("auth sufficient pam_unix.so\nauth optional pam_faceauth.so report\n"), "");
  EXPECT_NE(problem("auth sufficient pam_faceauth.so\n@include common-auth\nauth required pam_wheel.so\n")
                .find("skips pam_wheel.so"),
            std::string::npos);
  EXPECT_NE(problem("auth optional pam_faceauth.so\n@include common-auth\n").find("none of ours"), std::string::npos);
  EXPECT_EQ(problem("auth sufficient pam_faceauth.so\n@include common-auth\n"), "");
}

TEST(PamView, APasswordThatNobodyJudgesIsNotReported) {
  const auto problem = [](const std::string& additional) {
    const View view = view_of(
        "auth [success=2 default=ignore] pam_faceauth.so\nauth [success=1 default=ignore] pam_unix.so\n"
        "auth requisite pam_deny.so\nauth required pam_permit.so\n" +
        additional);
    return view.problems.empty() ? "" : view.problems[0];
  };
  const std::string report = "auth optional pam_faceauth.so report\n";
  EXPECT_NE(problem("auth optional pam_mount.so\n" + report).find("whatever was typed for pam_mount.so"),
            std::string::npos);
  EXPECT_EQ(problem(report + "auth optional pam_mount.so\n"), "");
  EXPECT_EQ(problem("auth optional pam_mount.so disable_interactive\n" + report), "");
  EXPECT_EQ(view_of("auth required pam_faceauth.so\nauth requisite pam_unix.so\nauth optional pam_mount.so\n" + report)
                .problems,
            std::vector<std::string>{})
      << "there a password was typed and judged";
}

TEST(PamDiff, AsDiffWritesIt) {
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n", "f"), "");
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nx\n5\n", "f"),
            "--- f\n+++ f\n@@ -2,4 +2,5 @@\n 2\n 3\n 4\n+x\n 5\n");
  EXPECT_EQ(unified_diff("", "a", "f"), "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n");
  std::string before, after = "new\n";
  for (int i = 0; i < 20; ++i) before += fmt::format("{}\n", i);
  after += before + "last\n";
  EXPECT_EQ(unified_diff(before, after, "f"),
            "--- f\n+++ f\n@@ -1,3 +1,4 @@\n+new\n 0\n 1\n 2\n@@ -18,3 +19,4 @@\n 17\n 18\n 19\n+last\n");
}

}  // namespace
}  // namespace faceauth::enroll::pam
