// etc/faced.toml is the documentation of the defaults: it must say what the code does.
#include <faced/config/config.h>
#include <faced/util/fd.h>
#include <faced/util/trusted_file.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>

namespace faceauth {
namespace {

TEST(DefaultFile, SaysTheBuiltInDefaultsAndSudoWantsEnter) {
  const Fd fd(::open(test::built::source("etc/faced.toml").c_str(), O_RDONLY | O_CLOEXEC));
  const auto text = read_all(fd.get(), 100'000);
  ASSERT_TRUE(text.has_value()) << text.error().message;
  const auto loaded = parse_config(*text, "faced.toml");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_TRUE(loaded->warnings.empty());

  const Config& file = loaded->config;
  const Config built_in;
  EXPECT_EQ(file.store, built_in.store);
  EXPECT_EQ(file.socket, built_in.socket);
  EXPECT_EQ(file.models, built_in.models);
  EXPECT_EQ(file.key_source, built_in.key_source);
  EXPECT_EQ(file.camera, built_in.camera);
  EXPECT_EQ(file.infrared, built_in.infrared);
  EXPECT_EQ(file.cameras, built_in.cameras);
  EXPECT_EQ(file.level, built_in.level);
  EXPECT_EQ(file.encoder_file, built_in.encoder_file);
  EXPECT_EQ(file.adapt.on, built_in.adapt.on);
  EXPECT_EQ(file.adapt.templates, built_in.adapt.templates);
  EXPECT_EQ(file.liveness, built_in.liveness);
  EXPECT_EQ(file.hook, built_in.hook);
  EXPECT_EQ(file.timeout, built_in.timeout);
  EXPECT_EQ(file.lockout.failures, built_in.lockout.failures);
  EXPECT_EQ(file.lockout.delay, built_in.lockout.delay);
  EXPECT_EQ(file.lockout.disable_after, built_in.lockout.disable_after);
  EXPECT_EQ(file.strong_auth.after_boot, built_in.strong_auth.after_boot);
  EXPECT_EQ(file.strong_auth.max_age, built_in.strong_auth.max_age);
  EXPECT_EQ(file.default_service.factors, built_in.default_service.factors);
  EXPECT_EQ(file.default_service.intent, built_in.default_service.intent);
  EXPECT_EQ(file.default_service.remote_allowed, built_in.default_service.remote_allowed);

  EXPECT_EQ(file.default_service.after_lock, built_in.default_service.after_lock);

  ASSERT_EQ(file.services.size(), 4U);
  for (const char* locker : {"swaylock", "i3lock", "kde"}) {
    EXPECT_EQ(file.service(locker).after_lock, std::chrono::seconds(3));
    EXPECT_EQ(file.service(locker).factors, Factors::face);
    EXPECT_EQ(file.service(locker).intent, Intent::none);
  }
  EXPECT_EQ(file.service("sudo").after_lock, std::chrono::seconds(0));
  EXPECT_EQ(file.service("sudo").factors, Factors::face);
  EXPECT_EQ(file.service("sudo").intent, Intent::enter);
  EXPECT_FALSE(file.service("sudo").remote_allowed);
}

// Every key is written out: a table left empty would pass the comparison above.
TEST(DefaultFile, NamesEveryKey) {
  const Fd fd(::open(test::built::source("etc/faced.toml").c_str(), O_RDONLY | O_CLOEXEC));
  const std::string text = "\n" + read_all(fd.get(), 100'000).value();
  for (const char* key : {"store",      "socket",        "models",     "source",          "device",      "allow_replay",
                          "replay_fps", "removable",     "lid",        "templates",       "level",       "encoder",
                          "mode",       "hook",          "adapt",      "adapt_templates", "timeout_s",   "failures",
                          "delay_s",    "disable_after", "after_boot", "max_age_h",       "factors",     "intent",
                          "remote",     "kind",          "infrared",   "cameras",         "after_lock_s"})
    EXPECT_NE(text.find("\n" + std::string(key) + " = "), std::string::npos) << key;
  for (const char* without_default :
       {"driver", "bus", "usb_id", "serial", "infrared_driver", "infrared_bus", "infrared_usb_id", "infrared_serial"})
    EXPECT_NE(text.find("\n# " + std::string(without_default) + " = "), std::string::npos) << without_default;
}

}  // namespace
}  // namespace faceauth
