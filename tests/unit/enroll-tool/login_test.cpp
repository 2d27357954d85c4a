// `enroll-tool login` on a private tree: what it does to files, and that nothing else can be made of it.
#include <enroll-tool/login.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../support/temp_dir.h"
#include "process.h"

namespace faceauth::test {
namespace {

using enroll::Exit;
using enroll::LoginOptions;
using enroll::Output;

constexpr const char* kSudo = "#%PAM-1.0\n@include common-auth\n@include common-account\n";
constexpr const char* kCommon =
    "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n";

struct Told {
  Exit exit;
  nlohmann::json json;
};

class Login : public ::testing::Test {
 protected:
  Login() : tree_{dir_.path(), ::geteuid(), {}} {
    for (const char* folder : {"/etc/pam.d", "/usr/lib/pam.d", "/lib/security"})
      std::filesystem::create_directories(dir_.path() + folder);
    put("etc/pam.d/sudo", kSudo);
    put("etc/pam.d/common-auth", kCommon);
    put("etc/pam.d/common-account", "account required pam_unix.so\n");
    put("lib/security/pam_faceauth.so", "a module");
  }

  std::string put(const std::string& name, const std::string& text) { return dir_.write(name, text, 0644); }
  [[nodiscard]] std::string get(const std::string& name) const {
    std::stringstream all;
    all << std::ifstream(dir_ / name).rdbuf();
    return all.str();
  }
  [[nodiscard]] std::string sudo() const { return get("etc/pam.d/sudo"); }

  using Command = Exit (*)(const Output&, const LoginOptions&, const enroll::pam::Tree&);
  [[nodiscard]] Told tell(Command command, LoginOptions options) const {
    Output out;
    out.json = out.quiet = true;
    ::testing::internal::CaptureStdout();
    const Exit exit = command(out, options, tree_);
    return {exit, nlohmann::json::parse(::testing::internal::GetCapturedStdout())};
  }
  [[nodiscard]] Told enable(const std::string& service = "sudo", const std::string& mode = "face-first") const {
    return tell(enroll::run_login_enable, {service, mode, false, false});
  }
  [[nodiscard]] Told disable(const std::string& service = "sudo") const {
    return tell(enroll::run_login_disable, {service, "", false, false});
  }
  [[nodiscard]] nlohmann::json status(const std::string& service = "sudo") const {
    return tell(enroll::run_login_status, {service, "", false, false}).json["services"][0];
  }
  // Nothing is left beside the files but what was there.
  [[nodiscard]] std::size_t entries() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir_ / "etc/pam.d")) ++count;
    return count;
  }

  TempDir dir_;
  enroll::pam::Tree tree_;
};

TEST_F(Login, OnAndOffAgain) {
  const Told on = enable();
  EXPECT_EQ(on.exit, Exit::ok);
  EXPECT_EQ(on.json["ok"], true);
  EXPECT_EQ(on.json["changed"], true);
  EXPECT_NE(on.json["diff"].get<std::string>().find("+auth\tsufficient\tpam_faceauth.so\n"), std::string::npos);
  EXPECT_EQ(get("var/backups/faceauth/pam.d-sudo"), kSudo);
  EXPECT_EQ(on.json["backup"], dir_ / "var/backups/faceauth/pam.d-sudo");
  EXPECT_EQ(
      status(),
      nlohmann::json::parse(
          R"({"service":"sudo","mode":"face-first","through":null,"report":true,"otherwise":"password","problems":[]})"));
  EXPECT_EQ(enable().json["changed"], false);
  EXPECT_EQ(enable("sudo", "enter").json["changed"], true);
  EXPECT_EQ(status()["mode"], "enter");
  EXPECT_EQ(enable("sudo", "face+password").exit, Exit::ok);
  EXPECT_EQ(status()["mode"], "face+password");
  EXPECT_EQ(disable().exit, Exit::ok);
  EXPECT_EQ(sudo(), kSudo);
  EXPECT_EQ(disable().json["changed"], false);
  EXPECT_EQ(entries(), 3u);
}

TEST_F(Login, ADryRunTouchesNothing) {
  const Told told = tell(enroll::run_login_enable, {"sudo", "enter", true, false});
  EXPECT_EQ(told.exit, Exit::ok);
  EXPECT_EQ(told.json["changed"], false);
  EXPECT_NE(told.json["diff"], "");
  EXPECT_EQ(sudo(), kSudo);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "var"));
}

TEST_F(Login, ModeOwnerAndAttributesStay) {
  const std::string path = dir_ / "etc/pam.d/sudo";
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  const gid_t group = ::geteuid() == 0 ? 12 : ::getegid();
  ASSERT_EQ(::chown(path.c_str(), ::geteuid(), group), 0);
  ASSERT_EQ(::setxattr(path.c_str(), "user.faceauth", "kept", 4, 0), 0) << "the tests' folder has no attributes";
  ASSERT_EQ(enable().exit, Exit::ok);
  struct stat now {};
  ASSERT_EQ(::stat(path.c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0640u);
  EXPECT_EQ(now.st_uid, ::geteuid());
  EXPECT_EQ(now.st_gid, group);
  char value[8] = {};
  EXPECT_EQ(::getxattr(path.c_str(), "user.faceauth", value, sizeof value), 4);
  EXPECT_STREQ(value, "kept");
}

TEST_F(Login, AFailedLookAfterwardsBringsTheOldFileBack) {
  for (const char* mishap : {"something else\n", "# faceauth: begin\nauth sufficient pam_faceauth.so\n"}) {
    tree_.written = [&] { put("etc/pam.d/sudo", mishap); };
    const Told told = enable();
    EXPECT_EQ(told.exit, Exit::internal);
    EXPECT_NE(told.json["message"].get<std::string>().find("the old file is back"), std::string::npos);
    EXPECT_EQ(sudo(), kSudo);
  }
  tree_.written = [&] { put("etc/pam.d/common-auth", "auth requisite pam_deny.so\n"); };
  EXPECT_EQ(enable().exit, Exit::internal) << "the bytes are right, their effect is not";
  EXPECT_EQ(sudo(), kSudo);
}

TEST_F(Login, WhatPamAuthUpdateGovernsIsLeftToIt) {
  put("etc/pam.d/common-auth",
      "auth [success=2 default=ignore] pam_faceauth.so\nauth [success=1 default=ignore] pam_unix.so\n"
      "auth requisite pam_deny.so\nauth required pam_permit.so\n");
  const Told on = enable();
  EXPECT_EQ(on.exit, Exit::ok);
  EXPECT_EQ(on.json["changed"], false);
  EXPECT_EQ(enable("sudo", "face+password").exit, Exit::negative) << "another mode than the one it has is not done";
  EXPECT_EQ(sudo(), kSudo);
  const Told off = disable();
  EXPECT_EQ(off.exit, Exit::negative);
  EXPECT_NE(off.json["message"].get<std::string>().find("pam-auth-update"), std::string::npos);
  EXPECT_EQ(status()["through"], "common-auth");
}

TEST_F(Login, NamesThatAreNone) {
  for (const char* name : {"", "../sudo", "a/b", ".hidden", "Sudo", "a b", "x\n"}) {
    EXPECT_EQ(enable(name).exit, Exit::usage) << name;
    EXPECT_EQ(disable(name).exit, Exit::usage) << name;
  }
  EXPECT_EQ(enable("nothere").exit, Exit::not_found);
  EXPECT_EQ(disable("nothere").exit, Exit::not_found);
  EXPECT_EQ(tell(enroll::run_login_status, {"nothere", "", false, false}).exit, Exit::not_found);
  EXPECT_EQ(enable("common-auth").exit, Exit::negative);
  EXPECT_EQ(enable("other").exit, Exit::negative);
  EXPECT_EQ(enable("sudo", "sometimes").exit, Exit::usage);
}

TEST_F(Login, FilesThatOthersCouldSteer) {
  const std::string path = dir_ / "etc/pam.d/sudo";
  ASSERT_EQ(::chmod(path.c_str(), 0664), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_EQ(::link(path.c_str(), (dir_ / "etc/second").c_str()), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  ASSERT_EQ(::unlink((dir_ / "etc/second").c_str()), 0);
  ASSERT_EQ(::rename(path.c_str(), (dir_ / "etc/real").c_str()), 0);
  ASSERT_EQ(::symlink("../real", path.c_str()), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  EXPECT_EQ(enable().exit, Exit::negative);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  ASSERT_EQ(::unlink(path.c_str()), 0);
  put("etc/pam.d/sudo", kSudo);
  ASSERT_EQ(::chmod((dir_ / "etc/pam.d").c_str(), 0777), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  EXPECT_EQ(sudo(), kSudo);
}

TEST_F(Login, AnotherOwnerIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  ASSERT_EQ(::chown((dir_ / "etc/pam.d/sudo").c_str(), kNobody, 0), 0);
  EXPECT_EQ(enable().json["error"], "unsafe-path");
  tree_.owner = kNobody;
  EXPECT_EQ(enable().exit, Exit::not_permitted) << "the caller is not the one who owns the system";
  EXPECT_EQ(disable().exit, Exit::not_permitted);
}

TEST_F(Login, WithoutTheModuleNothingIsEnabled) {
  std::filesystem::remove(dir_ / "lib/security/pam_faceauth.so");
  const Told told = enable();
  EXPECT_EQ(told.exit, Exit::negative);
  EXPECT_NE(told.json["message"].get<std::string>().find("not installed"), std::string::npos);
  EXPECT_EQ(sudo(), kSudo);
}

TEST_F(Login, TheVendorsFileIsNotTouched) {
  put("usr/lib/pam.d/polkit-1", kSudo);
  EXPECT_EQ(status("polkit-1")["mode"], "none");
  const Told told = enable("polkit-1");
  EXPECT_EQ(told.exit, Exit::negative);
  EXPECT_NE(told.json["message"].get<std::string>().find("cp /usr/lib/pam.d/polkit-1"), std::string::npos);
}

TEST_F(Login, TwoAtOnceAreOneAfterTheOther) {
  const int lock = ::open((dir_ / "etc/pam.d").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(enable().exit, Exit::refused_now);
  ::close(lock);
  EXPECT_EQ(enable().exit, Exit::ok);
}

TEST_F(Login, LinesByHandAreNotOursToTakeOut) {
  put("etc/pam.d/sudo", std::string("auth sufficient pam_faceauth.so\n") + kSudo);
  EXPECT_EQ(disable().exit, Exit::negative);
  EXPECT_EQ(enable().exit, Exit::negative);
  EXPECT_EQ(status()["mode"], "face-first");
}

TEST_F(Login, AllAtOnce) {
  put("etc/pam.d/su", kSudo);
  ASSERT_EQ(enable("sudo").exit, Exit::ok);
  ASSERT_EQ(enable("su", "enter").exit, Exit::ok);
  const Told told = tell(enroll::run_login_disable, {"", "", false, true});
  EXPECT_EQ(told.exit, Exit::ok);
  EXPECT_EQ(told.json["disabled"], nlohmann::json({"su", "sudo"}));
  EXPECT_EQ(sudo(), kSudo);
  EXPECT_EQ(get("etc/pam.d/su"), kSudo);
}

TEST_F(Login, AProblemIsANegativeAnswer) {
  put("etc/pam.d/sudo", "auth required pam_unix.so\nauth optional pam_faceauth.so report\n");
  const Told told = tell(enroll::run_login_status, {"", "", false, false});
  EXPECT_EQ(told.exit, Exit::negative);
  ASSERT_EQ(told.json["services"].size(), 1u) << "parts of services are none";
  EXPECT_EQ(told.json["services"][0]["problems"].size(), 1u);
}

TEST(LoginCommand, NeedsNoDaemonAndNoConfiguration) {
  EXPECT_EQ(run_tool({"--config", "/does/not/exist.toml", "login", "status"}).hung, false);
  const Ran status = run_tool({"--config", "/does/not/exist.toml", "login", "status", "--json"});
  EXPECT_TRUE(status.json()["services"].is_array());
  for (const Args& wrong : {Args{"login"}, Args{"login", "frob"}, Args{"login", "enable"}, Args{"login", "disable"},
                            Args{"login", "disable", "--all", "sudo"}})
    EXPECT_EQ(run_tool(wrong).exit, 2) << ::testing::PrintToString(wrong);
}

TEST(LoginCommand, OnlyRootChangesAnything) {
  const uid_t as = ::geteuid() == 0 ? kNobody : kSame;
  EXPECT_EQ(run_tool({"login", "enable", "sudo"}, "", as).exit, 3);
  EXPECT_EQ(run_tool({"login", "disable", "sudo"}, "", as).exit, 3);
  EXPECT_EQ(run_tool({"login", "disable", "--all"}, "", as).exit, 3);
}

}  // namespace
}  // namespace faceauth::test
