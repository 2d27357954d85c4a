#include <faced/config/config.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/config/parsed.h>
#include <tests/unit/support/temp_dir.h>

#include <initializer_list>
#include <string>

namespace faceauth {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Config accepted(std::string_view text) { return loaded(text).config; }
std::vector<std::string> warnings(std::string_view text) { return loaded(text).warnings; }

TEST(Config, AnEmptyFileGivesTheDefaultsWithoutWarnings) {
  EXPECT_EQ(accepted("").timeout, std::chrono::seconds(5));
  EXPECT_THAT(warnings(""), IsEmpty());
}

TEST(Config, AHookIsAnAbsolutePath) {
  EXPECT_EQ(accepted("[enrolment]\nhook = \"\"").hook, "");
  EXPECT_EQ(refused("[enrolment]\nhook = \"face-changed\"").code, Errc::invalid_argument);
}

TEST(Config, AdaptingIsOffAndBounded) {
  EXPECT_FALSE(accepted("").adapt.on);
  const Config c = accepted("[match]\nadapt = true\nadapt_templates = 8\n");
  EXPECT_TRUE(c.adapt.on);
  EXPECT_EQ(c.adapt.templates, 8U);
  for (const char* beyond : {"0", "9", "2.0", "true"})
    EXPECT_EQ(refused(std::string("[match]\nadapt_templates = ") + beyond).code, Errc::invalid_argument) << beyond;
  EXPECT_THAT(warnings("[match]\nadapt = true"), IsEmpty());
  EXPECT_THAT(warnings("[match]\nadapt = true\n[camera]\ntemplates = \"same\""),
              ElementsAre(HasSubstr("f.toml:2: match.adapt = true does nothing")));
}

TEST(Config, AttentionIsOnAndGoesWithLiveness) {
  EXPECT_TRUE(accepted("").attention);
  EXPECT_FALSE(accepted("[match]\nattention = false").attention);
  EXPECT_EQ(refused("[match]\nattention = \"yes\"").code, Errc::invalid_argument);
  EXPECT_THAT(warnings("[match]\nattention = true"), IsEmpty());
  EXPECT_THAT(warnings("[match]\nattention = true\n[liveness]\nmode = \"off\""),
              Contains(HasSubstr("f.toml:2: match.attention = true does nothing")));
}

TEST(Config, ReadsEveryKey) {
  const Config c = accepted(R"(
[paths]
store = "/s"
socket = "/run/x.sock"
models = "/m"
[key]
source = "file:/k"
[camera]
device = "replay:/clip.mp4"
allow_replay = true
replay_fps = 7.5
driver = "uvcvideo"
bus = "usb-0000:00:14.0-6"
usb_id = "04f2:b6d9"
serial = "0001"
removable = "refuse"
lid = "ignore"
templates = "same"
[enrolment]
hook = "/usr/local/libexec/face-changed"
[match]
level = "strict"
encoder = "/e/own.toml"
[liveness]
mode = "off"
[auth]
timeout_s = 12
[lockout]
failures = 3
delay_s = 60
disable_after = 20
[strong_auth]
after_boot = false
max_age_h = 24
[service.default]
factors = "face|password"
intent = "enter"
remote = "allow"
)");
  EXPECT_EQ(c.store, "/s");
  EXPECT_EQ(c.socket, "/run/x.sock");
  EXPECT_EQ(c.models, "/m");
  EXPECT_EQ(c.key_source, "file:/k");
  EXPECT_EQ(c.camera.device, "replay:/clip.mp4");
  EXPECT_TRUE(c.camera.allow_replay);
  EXPECT_FLOAT_EQ(c.camera.replay_fps, 7.5F);
  EXPECT_EQ(c.camera.driver, "uvcvideo");
  EXPECT_EQ(c.camera.bus, "usb-0000:00:14.0-6");
  EXPECT_EQ(c.camera.usb_id, "04f2:b6d9");
  EXPECT_EQ(c.camera.serial, "0001");
  EXPECT_FALSE(c.camera.removable_allowed);
  EXPECT_FALSE(c.camera.lid_counts);
  EXPECT_TRUE(c.camera.same_as_enrolled);
  EXPECT_EQ(c.hook, "/usr/local/libexec/face-changed");
  EXPECT_EQ(c.level, MatchLevel::strict);
  EXPECT_EQ(c.encoder_file, "/e/own.toml");
  EXPECT_EQ(c.liveness, LivenessMode::off);
  EXPECT_EQ(c.timeout, std::chrono::seconds(12));
  EXPECT_EQ(c.lockout.failures, 3U);
  EXPECT_EQ(c.lockout.delay, std::chrono::seconds(60));
  EXPECT_EQ(c.lockout.disable_after, 20U);
  EXPECT_FALSE(c.strong_auth.after_boot);
  EXPECT_EQ(c.strong_auth.max_age, std::chrono::hours(24));
  EXPECT_EQ(c.default_service.factors, Factors::face_or_password);
  EXPECT_EQ(c.default_service.intent, Intent::enter);
  EXPECT_TRUE(c.default_service.remote_allowed);
}

TEST(Config, NumbersMayBeWholeOrNotWhereAFractionMakesSense) {
  EXPECT_FLOAT_EQ(accepted("[camera]\nreplay_fps = 0").camera.replay_fps, 0);
  EXPECT_FLOAT_EQ(accepted("[camera]\nreplay_fps = 12.5").camera.replay_fps, 12.5F);
  EXPECT_EQ(accepted("[auth]\ntimeout_s = 0.5").timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(accepted("[auth]\ntimeout_s = 60").timeout, std::chrono::seconds(60));
}

TEST(Config, ServicesInheritFromTheDefaultWhereverAKeyIsMissing) {
  const Config c = accepted(R"(
[service.sudo]
intent = "enter"
[service.login]
factors = "none"
[service.default]
factors = "face+password"
remote = "allow"
)");
  EXPECT_EQ(c.service("sudo").factors, Factors::face_and_password);
  EXPECT_EQ(c.service("sudo").intent, Intent::enter);
  EXPECT_TRUE(c.service("sudo").remote_allowed);
  EXPECT_EQ(c.service("login").factors, Factors::none);
  EXPECT_EQ(c.service("login").intent, Intent::none);
  EXPECT_EQ(c.service("gdm-password").factors, Factors::face_and_password) << "unknown services take the default";
  EXPECT_EQ(c.services.count("default"), 0U);
}

// Only the services that are named: everything else is told at once that faceauth is not for it.
TEST(Config, AnAllowListOfServicesIsADefaultOfNone) {
  const Config c = accepted(R"(
[service.default]
factors = "none"
[service.sudo]
factors = "face"
)");
  EXPECT_EQ(c.service("sudo").factors, Factors::face);
  for (const char* other : {"vsftpd", "sshd", "su", "polkit-1"}) EXPECT_EQ(c.service(other).factors, Factors::none);
}

TEST(Config, EveryChoiceIsRead) {
  EXPECT_EQ(accepted("[match]\nlevel = \"convenient\"").level, MatchLevel::convenient);
  EXPECT_EQ(accepted("[match]\nlevel = \"balanced\"").level, MatchLevel::balanced);
  EXPECT_EQ(accepted("[liveness]\nmode = \"passive\"").liveness, LivenessMode::passive);
  const std::pair<const char*, Factors> factors[] = {{"face", Factors::face},
                                                     {"password", Factors::password},
                                                     {"face|password", Factors::face_or_password},
                                                     {"face+password", Factors::face_and_password},
                                                     {"none", Factors::none}};
  for (const auto& [text, value] : factors)
    EXPECT_EQ(accepted("[service.x]\nfactors = \"" + std::string(text) + "\"").service("x").factors, value);
}

// Each is refused with the file, the line, what was given and what was expected.
struct Bad {
  const char* text;
  unsigned line;
  const char* given;
  const char* expected;
};

void expect_refused(std::initializer_list<Bad> table) {
  for (const Bad& bad : table) {
    SCOPED_TRACE(bad.text);
    const Error e = refused(bad.text);
    EXPECT_EQ(e.code, Errc::invalid_argument);
    EXPECT_THAT(e.message, AllOf(StartsWith("f.toml:" + std::to_string(bad.line) + ": "), HasSubstr(bad.given),
                                 HasSubstr(bad.expected)));
    EXPECT_EQ(e.message.find('\n'), std::string::npos) << "one line";
  }
}

TEST(Refusals, Unknown) {
  expect_refused(
      {Bad{"\n[camara]\n", 2, "\"camara\"", "paths, key, camera"},
       Bad{"store = \"/s\"\n", 1, "\"store\"", "expected one of the tables"},
       Bad{"[camera]\ndevice = \"auto\"\n\nfps = 3\n", 4, "\"fps\" in [camera]", "device, allow_replay, replay_fps"},
       Bad{"[service.sudo]\nintend = \"enter\"\n", 2, "\"intend\" in [service.sudo]",
           "factors, intent, remote, after_lock_s"},
       Bad{"[lockout.deep]\n", 1, "\"deep\" in [lockout]", "failures"},
       Bad{"[key]\n\"a\\nb\" = 1\n", 2, "\"a?b\"", "source"}});
}

TEST(Refusals, WrongType) {
  expect_refused({Bad{"paths = 3\n", 1, "paths is 3", "[paths]"}, Bad{"[[paths]]\n", 1, "paths is an array", "[paths]"},
                  Bad{"service = true\n", 1, "service is true", "[service.sudo]"},
                  Bad{"[service]\nsudo = \"enter\"\n", 2, "service.sudo is \"enter\"", "[service.sudo]"},
                  Bad{"[paths]\nstore = 7\n", 2, "paths.store is 7", "text in quotes"},
                  Bad{"[paths]\nstore = [\"/a\"]\n", 2, "paths.store is an array", "text in quotes"},
                  Bad{"[camera]\nallow_replay = \"yes\"\n", 2, "camera.allow_replay is \"yes\"", "true or false"},
                  Bad{"[camera]\nallow_replay = 1\n", 2, "is 1", "true or false"},
                  Bad{"[lockout]\nfailures = 5.0\n", 2, "is 5.0", "whole number from 1"},
                  Bad{"[lockout]\nfailures = \"5\"\n", 2, "is \"5\"", "whole number from 1"},
                  Bad{"[match]\nlevel = 1\n", 2, "is 1", "\"balanced\""},
                  Bad{"[strong_auth]\nmax_age_h = 1979-05-27\n", 2, "is 1979-05-27", "whole number"}});
}

TEST(Refusals, OutOfRange) {
  expect_refused({Bad{"[auth]\ntimeout_s = 0\n", 2, "auth.timeout_s is 0", "from 0.5 to 60"},
                  Bad{"[auth]\ntimeout_s = 61\n", 2, "is 61", "from 0.5 to 60"},
                  Bad{"[auth]\ntimeout_s = nan\n", 2, "is nan", "from 0.5 to 60"},
                  Bad{"[auth]\ntimeout_s = inf\n", 2, "is inf", "from 0.5 to 60"},
                  Bad{"[camera]\nreplay_fps = -1\n", 2, "is -1", "from 0 to 240"},
                  Bad{"[camera]\nreplay_fps = 9223372036854775807\n", 2, "is 9223372036854775807", "from 0 to 240"},
                  Bad{"[lockout]\nfailures = 0\n", 2, "lockout.failures is 0", "from 1 to"},
                  Bad{"[lockout]\ndisable_after = 0\n", 2, "is 0", "from 1 to"},
                  Bad{"[lockout]\ndisable_after = 4294967297\n", 2, "is 4294967297", "from 1 to"},
                  Bad{"[lockout]\ndelay_s = -30\n", 2, "is -30", "from 0 to 86400"},
                  Bad{"[strong_auth]\nmax_age_h = 10000\n", 2, "is 10000", "from 0 to 8760"}});
}

TEST(Refusals, BadValue) {
  expect_refused(
      {Bad{"[match]\nlevel = \"lax\"\n", 2, "match.level is \"lax\"", "\"convenient\", \"balanced\", \"strict\""},
       Bad{"[liveness]\nmode = \"on\"\n", 2, "is \"on\"", "\"off\", \"passive\""},
       Bad{"[service.x]\nfactors = \"face,password\"\n", 2, "service.x.factors", "\"face+password\""},
       Bad{"[service.x]\nafter_lock_s = 31\n", 2, "31", "30"},
       Bad{"[service.x]\nremote = true\n", 2, "is true", "\"refuse\", \"allow\""},
       Bad{"[paths]\nstore = \"var/lib\"\n", 2, "is \"var/lib\"", "an absolute path"},
       Bad{"[paths]\nmodels = \"\"\n", 2, "is \"\"", "an absolute path"},
       Bad{"[paths]\nstore = \"/a\\u0000b\"\n", 2, "paths.store", "an absolute path"},
       Bad{"[paths]\nstore = \"/a\\nb\"\n", 2, "paths.store", "an absolute path"},
       Bad{"[key]\nsource = \"faceauth.key\"\n", 2, "is \"faceauth.key\"", "credential:NAME"},
       Bad{"[key]\nsource = \"file:key\"\n", 2, "is \"file:key\"", "file:/absolute/path"},
       Bad{"[key]\nsource = \"credential:\"\n", 2, "key.source", "credential:NAME"},
       Bad{"[key]\nsource = \"credential:..\"\n", 2, "key.source", "credential:NAME"},
       Bad{"[key]\nsource = \"credential:../k\"\n", 2, "key.source", "credential:NAME"},
       Bad{"[camera]\ndevice = \"video0\"\n", 2, "is \"video0\"", "\"auto\""},
       Bad{"[camera]\nallow_replay = true\ndevice = \"replay:clip.mp4\"\n", 3, "replay:clip.mp4", "replay:/"},
       Bad{"[camera]\n\ndevice = \"replay:/clip.mp4\"\n", 3, "allow_replay is false", "allow_replay = true"},
       Bad{"[camera]\nusb_id = \"04F2:B6D9\"\n", 2, "is \"04F2:B6D9\"", "like \"04f2:b6d9\""},
       Bad{"[camera]\nusb_id = \"04f2b6d9\"\n", 2, "camera.usb_id", "vendor and product"},
       Bad{"[camera]\nserial = \"\"\n", 2, "camera.serial", "1 to 127 bytes"},
       Bad{"[camera]\ndriver = \"a\\nb\"\n", 2, "camera.driver", "without control characters"},
       Bad{"[camera]\nlid = true\n", 2, "is true", "\"refuse\", \"ignore\""},
       Bad{"[camera]\ntemplates = \"all\"\n", 2, "is \"all\"", "\"any\", \"same\""},
       Bad{"[service.Sudo]\n", 1, "\"Sudo\"", "lower case"},
       Bad{"[service.\"../x\"]\n", 1, "\"../x\"", "/etc/pam.d"}});
}

TEST(Refusals, NotToml) {
  expect_refused({Bad{"[paths]\nstore = /s\n", 2, "not TOML", ""},
                  Bad{"[paths]\nstore = \"/a\"\nstore = \"/b\"\n", 3, "not TOML", ""},
                  Bad{"[paths]\n[paths]\n", 2, "not TOML", ""}, Bad{"\n\n[paths\n", 3, "not TOML", ""},
                  Bad{"\xff\xfe\n", 1, "not TOML", ""}});
}

TEST(Config, ASocketPathMustFitItsAddress) {
  const std::string fits = "/" + std::string(106, 's');
  EXPECT_EQ(accepted("[paths]\nsocket = \"" + fits + "\"").socket, fits);
  EXPECT_THAT(refused("[paths]\nsocket = \"" + fits + "s\"").message, HasSubstr("at most 107 bytes"));
}

TEST(Config, MovementsCanBeAskedFor) {
  EXPECT_EQ(accepted("[liveness]\nmode = \"active\"\n").liveness, LivenessMode::active);
  EXPECT_EQ(accepted("[service.sudo]\nintent = \"gesture\"\n").service("sudo").intent, Intent::gesture);
  EXPECT_EQ(refused("[liveness]\nmode = \"actively\"\n").code, Errc::invalid_argument);
}

TEST(Config, WeakValuesAreTakenWithAWarning) {
  const char* weak[] = {
      "[lockout]\nfailures = 11",        "[lockout]\ndelay_s = 29",           "[lockout]\ndisable_after = 101",
      "[liveness]\nmode = \"off\"",      "[strong_auth]\nafter_boot = false", "[strong_auth]\nmax_age_h = 0",
      "[match]\nlevel = \"convenient\"", "[camera]\nallow_replay = true",     "[service.x]\nremote = \"allow\""};
  for (const char* text : weak) EXPECT_THAT(warnings(text), ElementsAre(StartsWith("f.toml:2: "))) << text;
  const char* strong[] = {
      "[lockout]\nfailures = 10",       "[lockout]\ndelay_s = 30",          "[lockout]\ndisable_after = 100",
      "[liveness]\nmode = \"passive\"", "[strong_auth]\nafter_boot = true", "[strong_auth]\nmax_age_h = 1",
      "[match]\nlevel = \"strict\"",    "[camera]\nallow_replay = false",   "[service.x]\nremote = \"refuse\""};
  for (const char* text : strong) EXPECT_THAT(warnings(text), IsEmpty()) << text;
}

TEST(Config, WithoutLivenessTheLockoutBoundsAreHalf) {
  EXPECT_THAT(warnings("liveness.mode = \"off\"\nlockout.failures = 5\nlockout.disable_after = 50"),
              testing::SizeIs(1));
  EXPECT_THAT(warnings("liveness.mode = \"off\"\nlockout.failures = 6\nlockout.disable_after = 51"),
              ElementsAre(HasSubstr("photo"), AllOf(StartsWith("f.toml:2: "), HasSubstr("at most 5")),
                          AllOf(StartsWith("f.toml:3: "), HasSubstr("at most 50"))));
}

TEST(LoadConfig, ReadsTrustedFilesOnly) {
  const test::TempDir dir;
  const std::string file = dir.write("faced.toml", "[auth]\ntimeout_s = 7\n", 0644);
  const auto loaded = load_config(file);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->config.timeout, std::chrono::seconds(7));

  const auto unsafe = load_config(dir.write("faced.toml", "", 0666));
  ASSERT_FALSE(unsafe.has_value());
  EXPECT_EQ(unsafe.error().code, Errc::unsafe_path);
  EXPECT_THAT(unsafe.error().message, HasSubstr(file));
  EXPECT_EQ(load_config(dir / "missing.toml").error().code, Errc::not_found);
}

TEST(LoadConfig, NamesTheFileInItsErrors) {
  const test::TempDir dir;
  const std::string file = dir.write("faced.toml", "[auth]\ntimeout = 7\n");
  EXPECT_THAT(load_config(file).error().message, StartsWith(file + ":2: "));
  const auto large = load_config(dir.write("large.toml", std::string(300'000, '#')));
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace faceauth
