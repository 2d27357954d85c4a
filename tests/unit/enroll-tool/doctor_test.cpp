// `doctor` on a private tree with programs that say what a test wants: each check with a healthy and a sick case.
#include <enroll-tool/doctor.h>
#include <enroll-tool/fd.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/temp_dir.h"
#include "fake_keeper.h"

namespace faceauth::test {
namespace {

using namespace enroll::doctor;
using enroll::Said;

class Doctor : public ::testing::Test {
 protected:
  Doctor() {
    patient.tree = {dir.path(), ::geteuid(), {}};
    patient.root = true;
    patient.now = 1'750'000'000;
    patient.config = put("faced.toml", "[paths]\nstore = \"" + dir.path() + "/store\"\n");
    patient.settings.store = dir.path() + "/store";
    patient.settings.key = "file:" + dir.path() + "/key";
    patient.ask = [this](const std::vector<std::string>& argv) -> Result<Said> {
      asked.push_back(argv);
      return said;
    };
  }

  std::string put(const std::string& name, const std::string& text, mode_t mode = 0644) {
    std::filesystem::create_directories(std::filesystem::path(dir.path() + "/" + name).parent_path());
    return dir.write(name, text, mode);
  }
  Findings of(void (*check)(const Patient&, Findings&)) const {
    Findings out;
    check(patient, out);
    return out;
  }
  static const Finding& worst(const Findings& findings) {
    static const Finding none{"none", State::unseen, "nothing was found", ""};
    for (const State state : {State::finding, State::note, State::well})
      for (const Finding& f : findings)
        if (f.state == state) return f;
    return findings.empty() ? none : findings.front();
  }

  TempDir dir;
  Patient patient;
  Said said{0, ""};
  std::vector<std::vector<std::string>> asked;
};

TEST_F(Doctor, UnitsThatServeAndThatDoNot) {
  EXPECT_EQ(worst(of(check_units)).state, State::unseen) << "no systemd, nothing to say";
  std::filesystem::create_directories(dir.path() + "/run/systemd/system");
  const auto shown = [&](const char* text) {
    said.text = text;
    return worst(of(check_units));
  };
  EXPECT_EQ(shown("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nResult=success\n").state, State::well);
  EXPECT_EQ(shown("LoadState=not-found\nActiveState=inactive\n").state, State::finding);
  EXPECT_EQ(shown("LoadState=masked\nActiveState=inactive\n").mend, "systemctl unmask faced.socket");
  EXPECT_EQ(shown("LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n").mend,
            "systemctl enable --now faced.socket");
  const Finding failed = shown("LoadState=loaded\nActiveState=failed\nResult=exit-code\n");
  EXPECT_EQ(failed.what, "faced.socket has failed (exit-code)");
  EXPECT_NE(failed.mend.find("reset-failed faced.socket"), std::string::npos);
}

TEST_F(Doctor, AStoreAndAKeyThatOthersCannotRead) {
  std::filesystem::create_directories(dir.path() + "/store");
  ::chmod((dir.path() + "/store").c_str(), 0700);
  put("key", std::string(32, 'k'), 0400);
  Findings out;
  check_files(patient, ::geteuid(), out);
  EXPECT_NE(worst(out).state, State::finding) << worst(out).what;

  ::chmod((dir.path() + "/store").c_str(), 0755);
  out.clear();
  check_files(patient, ::geteuid(), out);
  EXPECT_EQ(worst(out).mend, "chmod 0700 " + dir.path() + "/store");

  ::chmod((dir.path() + "/store").c_str(), 0700);
  ::chmod((dir.path() + "/key").c_str(), 0444);
  out.clear();
  check_files(patient, ::geteuid(), out);
  EXPECT_EQ(worst(out).mend, "chmod 0400 " + dir.path() + "/key");

  put("key2", "short", 0400);
  patient.settings.key = "file:" + dir.path() + "/key2";
  out.clear();
  check_files(patient, ::geteuid(), out);
  EXPECT_NE(worst(out).what.find("has 5 bytes"), std::string::npos) << worst(out).what;
}

TEST_F(Doctor, ACredentialThatIsThereAndOneThatIsNot) {
  std::filesystem::create_directories(dir.path() + "/store");
  ::chmod((dir.path() + "/store").c_str(), 0700);
  patient.settings.key = "credential:faceauth.key";
  Findings out;
  check_files(patient, ::geteuid(), out);
  EXPECT_EQ(worst(out).mend, "systemctl restart faceauth-key");
  put("etc/credstore.encrypted/faceauth.key", "sealed", 0600);
  out.clear();
  check_files(patient, ::geteuid(), out);
  EXPECT_NE(worst(out).state, State::finding) << worst(out).what;
}

TEST_F(Doctor, ACredentialThatDoesNotOpenHere) {
  patient.settings.key = "credential:faceauth.key";
  put("etc/credstore.encrypted/faceauth.key", "sealed", 0600);
  const auto key = [&] {
    Findings out;
    check_files(patient, ::geteuid(), out);
    return *std::find_if(out.begin(), out.end(), [](const Finding& f) { return f.check == std::string("key"); });
  };
  EXPECT_EQ(key().state, State::well);
  EXPECT_EQ(asked.back().back(), dir.path() + "/etc/credstore.encrypted/faceauth.key");

  said = {1, "Failed to decrypt credential: Bad message\nmore\n"};
  const Finding sealed_elsewhere = key();
  EXPECT_EQ(sealed_elsewhere.state, State::finding);
  EXPECT_NE(sealed_elsewhere.what.find("this machine: Failed to decrypt credential: Bad message"), std::string::npos);
  EXPECT_EQ(sealed_elsewhere.what.find("more"), std::string::npos);
  said = {-1, ""};
  EXPECT_NE(key().what.find("no answer in time"), std::string::npos) << "a TPM that hangs";

  patient.root = false;
  EXPECT_EQ(key().state, State::unseen);
}

TEST_F(Doctor, ModelsThatAreNotThoseShipped) {
  patient.settings.models = dir.path() + "/models";
  EXPECT_EQ(worst(of(check_models)).state, State::finding) << "none is there";
  put("models/fr_eye.onnx", std::string(10, 'x'));
  const Findings out = of(check_models);
  EXPECT_TRUE(std::any_of(out.begin(), out.end(), [](const Finding& f) {
    return f.what.find("has 10 bytes, and should have 207130") != std::string::npos;
  }));
  EXPECT_NE(out[0].mend.find("faceauth-models"), std::string::npos);
}

TEST_F(Doctor, AModelOfTheRightSizeWithAnotherHash) {
  patient.settings.models = dir.path() + "/models";
  put("models/fr_eye.onnx", std::string(207130, 'x'));
  said.text = std::string(64, '0') + "  fr_eye.onnx\n";
  const auto eye = [&] {
    const Findings out = of(check_models);
    return std::any_of(out.begin(), out.end(),
                       [](const Finding& f) { return f.what.find("hash differs") != std::string::npos; });
  };
  EXPECT_TRUE(eye());
  said.text = "1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de  fr_eye.onnx\n";
  EXPECT_FALSE(eye());
}

TEST_F(Doctor, LoginsAreExplainedAndAWrongJumpIsFound) {
  for (const char* folder : {"/etc/pam.d", "/usr/lib/pam.d", "/lib/security"})
    std::filesystem::create_directories(dir.path() + folder);
  EXPECT_EQ(worst(of(check_logins)).state, State::note) << "nobody uses it";
  put("lib/security/pam_faceauth.so", "a module");
  const std::string rest =
      "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n"
      "auth optional pam_faceauth.so report\n";
  put("etc/pam.d/sudo", "@include common-auth\n");
  put("etc/pam.d/login", "@include common-auth\n");
  put("etc/pam.d/common-auth", "auth [success=2 default=ignore] pam_faceauth.so\n" + rest);
  Findings out = of(check_logins);
  EXPECT_EQ(worst(out).state, State::well) << worst(out).what;
  EXPECT_NE(worst(out).what.find("login, sudo: the camera is looked at first"), std::string::npos) << worst(out).what;

  put("etc/pam.d/common-auth", "auth [success=9 default=ignore] pam_faceauth.so\n" + rest);
  out = of(check_logins);
  EXPECT_EQ(worst(out).state, State::finding);
  EXPECT_TRUE(std::any_of(out.begin(), out.end(), [](const Finding& f) {
    return f.state == State::finding && f.what.find("jumps past the end of its stack") != std::string::npos;
  }));
  EXPECT_NE(worst(out).mend.find("pam-auth-update"), std::string::npos);

  put("etc/pam.d/common-auth", "auth [success=1 default=ignore] pam_faceauth.so\n" + rest);
  EXPECT_NE(worst(of(check_logins)).what.find("an accepted face is refused all the same"), std::string::npos)
      << "it lands on pam_deny";

  put("etc/pam.d/common-auth", "auth [success=2 default=ignore] pam_faceauth.so\n" + rest);
  std::filesystem::remove(dir.path() + "/lib/security/pam_faceauth.so");
  EXPECT_NE(worst(of(check_logins)).what.find("cannot be loaded"), std::string::npos);
}

TEST_F(Doctor, WhatBecomesOfWhoeverIsRefusedByHisFaceIsTold) {
  for (const char* folder : {"/etc/pam.d", "/usr/lib/pam.d", "/lib/security"})
    std::filesystem::create_directories(dir.path() + folder);
  put("lib/security/pam_faceauth.so", "a module");
  const auto told = [&](const std::string& rest) {
    put("etc/pam.d/t", "auth sufficient pam_faceauth.so\n" + rest);
    const Finding found = worst(of(check_logins));
    for (const Finding& f : of(check_logins))
      if (f.state == found.state && f.what.starts_with("t: ") && f.what.find("faced is not told") == std::string::npos)
        return f;
    return of(check_logins).front();
  };
  const Finding open = told("auth required pam_permit.so\n");
  EXPECT_EQ(open.state, State::finding);
  EXPECT_NE(open.what.find("gets in all the same"), std::string::npos) << open.what;
  EXPECT_EQ(open.mend.find("edit /etc/pam.d/t"), 0u) << open.mend;
  const auto well = [&](const std::string& rest) {
    told(rest);
    std::string all;
    for (const Finding& f : of(check_logins))
      if (f.state == State::well) all += f.what;
    return all;
  };
  EXPECT_NE(well("auth required pam_unix.so\n").find("else the password is asked for"), std::string::npos);
  EXPECT_NE(well("auth required pam_deny.so\n").find("else nobody gets in: no password"), std::string::npos);
  EXPECT_NE(well("auth required pam_u2f.so\n").find("else another module decides"), std::string::npos);
  EXPECT_EQ(well("auth required pam_permit.so\n"), "") << "nothing well is said of it";
}

TEST_F(Doctor, ALoginWithoutANameIsExplainedAndWantsAnAct) {
  for (const char* folder : {"/etc/pam.d", "/usr/lib/pam.d", "/lib/security"})
    std::filesystem::create_directories(dir.path() + folder);
  put("lib/security/pam_faceauth.so", "a module");
  const auto told = [&](const std::string& options) {
    put("etc/pam.d/login", "auth [success=2 default=ignore] pam_faceauth.so " + options +
                               "\nauth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n"
                               "auth required pam_permit.so\nauth optional pam_faceauth.so report\n");
    std::string all;
    for (const Finding& f : of(check_logins)) all += f.what + " > " + f.mend + "\n";
    return all;
  };
  const std::string kExplained = "whoever is recognised is let in", kMend = "add intent=enter";
  EXPECT_EQ(told("").find(kExplained), std::string::npos);
  const std::string bare = told("identify"), meant = told("identify intent=enter");
  EXPECT_NE(bare.find(kExplained), std::string::npos) << bare;
  EXPECT_NE(bare.find(kMend), std::string::npos) << bare;
  EXPECT_NE(meant.find(kExplained), std::string::npos) << meant;
  EXPECT_EQ(meant.find(kMend), std::string::npos) << meant;
}

TEST_F(Doctor, WhatTheKernelRefusedIsTold) {
  said.text = "a kernel line\napparmor=\"DENIED\" operation=\"open\" profile=\"cupsd\" comm=\"cupsd\"\n";
  EXPECT_EQ(worst(of(check_confinement)).state, State::well) << "another program's";
  said.text +=
      "audit: apparmor=\"DENIED\" operation=\"open\" profile=\"faced\" name=\"/etc/shadow\" comm=\"faced-vision\"\n";
  const Finding apparmor = worst(of(check_confinement));
  EXPECT_EQ(apparmor.state, State::finding);
  EXPECT_NE(apparmor.what.find("/etc/shadow"), std::string::npos);
  said.text = "audit: avc:  denied  { map } for  pid=9 comm=\"faced-vision\" path=\"/dev/video0\"\n";
  EXPECT_NE(worst(of(check_confinement)).mend.find("ausearch"), std::string::npos);
}

TEST_F(Doctor, AProfileThatIsLoadedAndOneThatIsNot) {
  put("sys/module/apparmor/parameters/enabled", "Y\n");
  put("etc/apparmor.d/usr.libexec.faceauth.faced", "profile");
  put("sys/kernel/security/apparmor/profiles", "cupsd (enforce)\n");
  EXPECT_NE(worst(of(check_confinement)).mend.find("apparmor_parser"), std::string::npos);
  put("sys/kernel/security/apparmor/profiles", "cupsd (enforce)\nfaced (complain)\n");
  EXPECT_NE(worst(of(check_confinement)).mend.find("aa-enforce"), std::string::npos);
  put("sys/kernel/security/apparmor/profiles", "faced (enforce)\n");
  EXPECT_EQ(worst(of(check_confinement)).state, State::well);
}

// What the check of the camera says when the daemon refuses to look.
Finding camera_refused(Patient patient, Errc code, const std::string& why) {
  const FakeKeeper keeper([&](Peer& peer, const Request& request) {
    if (request.type == wire::Type::identify_begin) peer.ack();
    if (request.type == wire::Type::finish) peer.refuse(code, why);
  });
  patient.settings.socket = keeper.dir() / "faced.sock";
  Findings out;
  check_camera(patient, out);
  return out.at(0);
}

TEST_F(Doctor, ACameraInUseIsWorthKnowingAndOneThatFailsIsWrong) {
  for (const Errc code : {Errc::busy, Errc::camera_busy}) {
    const Finding in_use = camera_refused(patient, code, "in use");
    EXPECT_EQ(in_use.state, State::note) << errc_name(code);
    EXPECT_EQ(in_use.mend.find("enroll-tool cameras"), 0u) << in_use.mend;
  }
  const Finding broken = camera_refused(patient, Errc::camera_unavailable, "unplugged");
  EXPECT_EQ(broken.state, State::finding);
  EXPECT_EQ(broken.what, "unplugged");
  EXPECT_EQ(broken.mend.find("enroll-tool cameras"), 0u) << broken.mend;
}

TEST_F(Doctor, WhoHoldsACameraIsNamed) {
  const std::string camera = dir / "video0";
  if (::mknod(camera.c_str(), S_IFCHR | 0600, makedev(81, 63)) != 0) GTEST_SKIP() << "no device can be made here";
  const enroll::Fd held(::open(camera.c_str(), O_PATH | O_CLOEXEC));
  ASSERT_TRUE(held.valid());
  const std::string self = "(process " + std::to_string(::getpid()) + " of ";
  EXPECT_NE(camera_refused(patient, Errc::camera_busy, "in use").what.find(self), std::string::npos);
  EXPECT_EQ(camera_refused(patient, Errc::busy, "in use").what, "in use") << "faced itself looks at somebody";
}

TEST_F(Doctor, AConfigurationThatOthersCanChangeIsMendedByItsMode) {
  const std::string open = put("open.toml", "[paths]\n", 0644);
  ::chmod(open.c_str(), 0666);
  patient.config = open;
  const auto found = [&] {
    Findings out;
    check_configuration(patient, out);
    return worst(out);
  };
  EXPECT_EQ(found().state, State::finding);
  EXPECT_EQ(found().mend, "chmod go-w " + open);
  ::chmod(open.c_str(), 0644);
  EXPECT_NE(found().state, State::finding) << found().what;
}

TEST_F(Doctor, WhereSystemdDoesNotRunNothingIsMendedByIt) {
  put("faced.toml", "[paths]\nsocket = \"" + dir / "none.sock" + "\"\n[key]\nsource = \"file:" + dir / "key" + "\"\n");
  const auto mends = [&] {
    std::string all;
    for (const Finding& f : examine(patient)) all += f.mend + "\n";
    return all;
  };
  EXPECT_EQ(mends().find("systemctl"), std::string::npos) << mends();
  EXPECT_NE(mends().find("start faced anew"), std::string::npos) << mends();
  std::filesystem::create_directories(dir.path() + "/run/systemd/system");
  EXPECT_NE(mends().find("systemctl"), std::string::npos);
}

TEST_F(Doctor, AConfigurationThatIsRefused) {
  put("usr/libexec/faceauth/faced", "a program", 0755);
  Findings out;
  check_configuration(patient, out);
  EXPECT_EQ(worst(out).state, State::well);
  EXPECT_EQ(asked.at(0).at(1), "--check-config");
  said = {1, "faced.toml:3: unknown key\n"};
  out.clear();
  check_configuration(patient, out);
  EXPECT_EQ(worst(out).what, "faced.toml:3: unknown key");
  put("faced.toml", "[paths\n");
  out.clear();
  check_configuration(patient, out);
  EXPECT_NE(worst(out).what.find("faced.toml:1"), std::string::npos);
}

TEST_F(Doctor, EveryFindingSaysWhatMendsIt) {
  std::filesystem::create_directories(dir.path() + "/run/systemd/system");
  said = {0, "LoadState=loaded\nActiveState=failed\nResult=exit-code\n"};
  patient.settings.models = dir.path() + "/none";
  const Findings out = examine(patient);
  std::size_t wrong = 0;
  for (const Finding& f : out) {
    if (f.state != State::finding) continue;
    ++wrong;
    EXPECT_NE(f.mend, "") << f.check << ": " << f.what;
  }
  EXPECT_GT(wrong, 2u);
  const auto value = json_of(out);
  EXPECT_EQ(value["findings"], wrong);
  EXPECT_EQ(value["checks"].size(), out.size());
}

TEST_F(Doctor, AReportNamesNobodyAndHoldsNoSecret) {
  const std::string hash(64, 'a');
  const std::string text = without_persons(
      "FACEAUTH_USER=alice for alice's login in /home/alice/x, not malice; key=0123456789abcdef0123456789abcdef0123\n"
      "auth required pam_ldap.so bindpw=hunter2 PASSWORD=swordfish use_first_pass\n"
      "encoding AAECAwQFBgcICQoLDA0/ODxAREhMUFRYXGBkaGxwdHh8= done.\nalice.\n",
      {"alice", "bob"});
  EXPECT_EQ(text,
            "FACEAUTH_USER=<user 1> for <user 1>'s login in /home/<user 1>/x, not malice; key=<removed>\n"
            "auth required pam_ldap.so bindpw=<removed> PASSWORD=<removed> use_first_pass\n"
            "encoding <removed> done.\n<user 1>.\n");
}

TEST_F(Doctor, AReportHoldsNoSecretHoweverItIsWritten) {
  EXPECT_EQ(without_persons("password = swordfish\nbind_pw =  \"two words\" next\n"
                            "pam_x.so [passwd=two words] [value=two words] token='a b' pass=\nlast=1\n",
                            {}),
            "password = <removed>\nbind_pw =  <removed> next\n"
            "pam_x.so [passwd=<removed>] [value=two words] token=<removed> pass=<removed>\nlast=1\n");
}

TEST_F(Doctor, AReportNamesNobodyWhomOnlyTheJournalHas) {
  said.text = "mallory\nroot\n";
  const std::string text = report(patient, {{"units", State::finding, "mallory and trent asked as root", ""}}, {});
  EXPECT_EQ(text.find("mallory"), std::string::npos) << text;
  EXPECT_NE(text.find(" and trent asked as root"), std::string::npos) << text;
}

}  // namespace
}  // namespace faceauth::test
