#include <faced/config/config.h>
#include <faced/config/toml_section.h>
#include <faced/util/log_format.h>

#include <faceauth/limits.h>

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <exception>

namespace faceauth {
namespace {

using config_detail::Choice;
using config_detail::Reading;
using config_detail::Section;

constexpr std::array<Choice<MatchLevel>, 3> kLevels{
    {{"convenient", MatchLevel::convenient}, {"balanced", MatchLevel::balanced}, {"strict", MatchLevel::strict}}};
constexpr std::array<Choice<LivenessMode>, 3> kLiveness{
    {{"off", LivenessMode::off}, {"passive", LivenessMode::passive}, {"active", LivenessMode::active}}};
constexpr std::array<Choice<Factors>, 5> kFactors{{{"face", Factors::face},
                                                   {"password", Factors::password},
                                                   {"face|password", Factors::face_or_password},
                                                   {"face+password", Factors::face_and_password},
                                                   {"none", Factors::none}}};
constexpr std::array<Choice<Intent>, 3> kIntents{
    {{"none", Intent::none}, {"enter", Intent::enter}, {"gesture", Intent::gesture}}};
constexpr std::array<Choice<bool>, 2> kAllowed{{{"refuse", false}, {"allow", true}}};
constexpr std::array<Choice<bool>, 2> kLid{{{"refuse", true}, {"ignore", false}}};
constexpr std::array<Choice<bool>, 2> kTemplates{{{"any", false}, {"same", true}}};
constexpr std::array<Choice<CameraKind>, 3> kKinds{
    {{"any", CameraKind::any}, {"color", CameraKind::color}, {"infrared", CameraKind::infrared}}};
constexpr std::array<Choice<CamerasAsked>, 2> kCameras{{{"first", CamerasAsked::first}, {"both", CamerasAsked::both}}};

// NIST SP 800-63B-4, 3.2.2 and 3.2.3: five failures and fifty in all; twice that with presentation attack detection.
constexpr std::uint32_t kNistFailures = 5;
constexpr std::uint32_t kNistDelayS = 30;
constexpr std::uint32_t kNistDisableAfter = 50;

constexpr std::uint32_t kFailuresMost = 1000;
constexpr std::uint32_t kDisableAfterMost = 100'000;
constexpr std::uint32_t kDayS = 86'400;
constexpr std::uint32_t kYearH = 8760;
constexpr std::uint32_t kAfterLockMostS = 30;
constexpr double kReplayFpsMost = 240;
constexpr std::uint32_t kAdaptTemplatesMost = 8;

bool absolute(std::string_view path) {
  return path.size() < PATH_MAX && path.starts_with('/') &&
         std::all_of(path.begin(), path.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

std::optional<std::string> absolute_path(const std::string& value) {
  if (absolute(value)) return std::nullopt;
  return "an absolute path";
}

std::optional<std::string> hook(const std::string& value) {
  if (value.empty() || absolute(value)) return std::nullopt;
  return "the absolute path of a program, or \"\" for none";
}

std::optional<std::string> encoder_file(const std::string& value) {
  if (value.empty() || absolute(value)) return std::nullopt;
  return "an absolute path, or \"\" for the encoder that is shipped";
}

std::optional<std::string> socket_path(const std::string& value) {
  constexpr std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  if (absolute(value) && value.size() <= most) return std::nullopt;
  return "an absolute path of at most " + std::to_string(most) + " bytes";
}

std::optional<std::string> key_source(const std::string& value) {
  constexpr std::string_view credential = "credential:", file = "file:";
  const std::string_view v = value;
  if (v.starts_with(file) && absolute(v.substr(file.size()))) return std::nullopt;
  if (v.starts_with(credential)) {
    const std::string_view name = v.substr(credential.size());
    if (!name.empty() && name.size() <= NAME_MAX && name != "." && name != ".." && absolute("/" + std::string(name)) &&
        name.find('/') == std::string_view::npos)
      return std::nullopt;
  }
  return "\"credential:NAME\" or \"file:/absolute/path\"";
}

bool is_replay(const std::string& device) { return device.starts_with("replay:"); }

std::optional<std::string> camera_device(const std::string& value) {
  if (value == "auto" || absolute(value)) return std::nullopt;
  if (is_replay(value) && absolute(std::string_view(value).substr(7))) return std::nullopt;
  return "\"auto\", an absolute path like \"/dev/v4l/by-id/...\", or \"replay:/absolute/path\"";
}

std::optional<std::string> infrared_device(const std::string& value) {
  if (value.empty() || (value != "auto" && !camera_device(value))) return std::nullopt;
  return "an absolute path like \"/dev/v4l/by-path/...\", or \"\" for none";
}

std::optional<std::string> usb_id(const std::string& value) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const bool digits = value.size() == 9 && std::count_if(value.begin(), value.end(), hex) == 8;
  if (digits && value[4] == ':') return std::nullopt;
  return "vendor and product in small hexadecimal digits, like \"04f2:b6d9\"";
}

// What the kernel says of a device is compared as it is.
std::optional<std::string> plain_text(const std::string& value) {
  constexpr std::size_t most = 127;
  if (!value.empty() && value.size() <= most &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; }))
    return std::nullopt;
  return "1 to " + std::to_string(most) + " bytes without control characters";
}

class Parser {
 public:
  Parser(Reading& reading, const toml::table& root) : reading_(reading), root_(root) {}

  LoadedConfig parse() {
    static constexpr std::array<std::string_view, 10> kTables{"paths",     "key",  "camera",  "match",       "liveness",
                                                              "enrolment", "auth", "lockout", "strong_auth", "service"};
    config_detail::refuse_unknown_tables(reading_, root_, kTables);
    paths_and_key();
    camera();
    match_and_liveness();
    enrolment();
    auth();
    lockout();
    strong_auth();
    services();
    return {std::move(config_), std::move(warnings_)};
  }

 private:
  void paths_and_key() {
    Section paths = Section::in(reading_, root_, "paths");
    paths.text("store", config_.store, absolute_path);
    paths.text("socket", config_.socket, socket_path);
    paths.text("models", config_.models, absolute_path);
    paths.finish();
    Section key = Section::in(reading_, root_, "key");
    key.text("source", config_.key_source, key_source);
    key.finish();
  }

  void camera() {
    Section camera = Section::in(reading_, root_, "camera");
    CameraPolicy& policy = config_.camera;
    double fps = static_cast<double>(policy.replay_fps);
    camera.text("device", policy.device, camera_device);
    camera.boolean("allow_replay", policy.allow_replay);
    camera.number("replay_fps", fps, 0, kReplayFpsMost);
    policy.replay_fps = static_cast<float>(fps);
    camera.choice("kind", policy.kind, kKinds);
    camera.text("driver", policy.driver, plain_text);
    camera.text("bus", policy.bus, plain_text);
    camera.text("usb_id", policy.usb_id, usb_id);
    camera.text("serial", policy.serial, plain_text);
    camera.choice("removable", policy.removable_allowed, kAllowed);
    camera.choice("lid", policy.lid_counts, kLid);
    camera.choice("templates", policy.same_as_enrolled, kTemplates);
    CameraPolicy second = infrared(camera);
    camera.finish();
    refuse_replay(camera, "device", policy);
    refuse_replay(camera, "infrared", second);
    if (!second.device.empty()) config_.infrared = std::move(second);
    if (policy.allow_replay)
      warn(camera, "allow_replay", "camera.allow_replay = true: a recording or a virtual device passes for a camera");
  }

  // What the second camera is asked for besides: the rest is as for the first one.
  CameraPolicy infrared(Section& camera) const {
    CameraPolicy second = config_.camera;
    second.kind = CameraKind::infrared;
    second.second = true;
    for (std::string* own : {&second.device, &second.driver, &second.bus, &second.usb_id, &second.serial}) own->clear();
    camera.text("infrared", second.device, infrared_device);
    camera.text("infrared_driver", second.driver, plain_text);
    camera.text("infrared_bus", second.bus, plain_text);
    camera.text("infrared_usb_id", second.usb_id, usb_id);
    camera.text("infrared_serial", second.serial, plain_text);
    return second;
  }

  static void refuse_replay(Section& camera, const char* key, const CameraPolicy& policy) {
    if (is_replay(policy.device) && !policy.allow_replay)
      camera.refuse(Errc::invalid_argument, key,
                    "camera." + std::string(key) +
                        " is a replay source while allow_replay is false, expected a camera; set "
                        "camera.allow_replay = true for a test system");
  }

  void cameras_asked(Section& match) {
    match.choice("cameras", config_.cameras, kCameras);
    if (config_.cameras == CamerasAsked::first && config_.infrared)
      warn(match, "cameras", "camera.infrared is set and match.cameras = \"first\": the infrared camera is not used");
    if (config_.cameras != CamerasAsked::both) return;
    if (!config_.infrared)
      match.refuse(Errc::invalid_argument, "cameras",
                   "match.cameras = \"both\" while camera.infrared names no camera, expected one");
    if (config_.camera.kind != CameraKind::color)
      match.refuse(Errc::invalid_argument, "cameras",
                   "match.cameras = \"both\" asks a color and an infrared camera, expected camera.kind = \"color\"");
  }

  void match_and_liveness() {
    Section match = Section::in(reading_, root_, "match");
    cameras_asked(match);
    match.choice("level", config_.level, kLevels);
    match.boolean("attention", config_.attention);
    match.text("encoder", config_.encoder_file, encoder_file);
    match.boolean("adapt", config_.adapt.on);
    match.integer("adapt_templates", config_.adapt.templates, 1, kAdaptTemplatesMost);
    match.finish();
    if (config_.level == MatchLevel::convenient)
      warn(match, "level",
           "match.level = \"convenient\": up to one stranger in 1,000 gets in, NIST asks for 1 in 10,000");
    Section liveness = Section::in(reading_, root_, "liveness");
    liveness.choice("mode", config_.liveness, kLiveness);
    liveness.finish();
    if (config_.liveness == LivenessMode::off)
      warn(liveness, "mode", "liveness.mode = \"off\": a photo of the user passes for the user");
    if (config_.liveness == LivenessMode::passive && config_.camera.kind == CameraKind::infrared)
      liveness.refuse(
          Errc::invalid_argument, "mode",
          "liveness.mode is \"passive\" while camera.kind = \"infrared\", where nothing judges whether a face is "
          "live, expected \"active\", or \"off\" if a print may pass; or match.cameras = \"both\"");
    if (config_.liveness == LivenessMode::active && config_.camera.kind == CameraKind::infrared)
      warn(liveness, "mode",
           "camera.kind = \"infrared\": the movements asked for are all that holds against a print, and were never "
           "measured "
           "in infrared");
    if (match.has("attention") && config_.attention && config_.liveness == LivenessMode::off)
      warn(match, "attention", "match.attention = true does nothing with liveness.mode = \"off\"");
    if (config_.adapt.on && (config_.liveness == LivenessMode::off || config_.camera.same_as_enrolled))
      warn(match, "adapt",
           "match.adapt = true does nothing with liveness.mode = \"off\" or with camera.templates = \"same\"");
  }

  void enrolment() {
    Section enrolment = Section::in(reading_, root_, "enrolment");
    enrolment.text("hook", config_.hook, hook);
    enrolment.finish();
  }

  void auth() {
    Section auth = Section::in(reading_, root_, "auth");
    double seconds = std::chrono::duration<double>(config_.timeout).count();
    auth.number("timeout_s", seconds, limits::kTimeoutMinMs / 1000.0, limits::kTimeoutMaxMs / 1000.0);
    config_.timeout = std::chrono::milliseconds(std::lround(seconds * 1000));
    auth.finish();
  }

  void lockout() {
    Section lockout = Section::in(reading_, root_, "lockout");
    LockoutPolicy& policy = config_.lockout;
    auto delay = static_cast<std::uint32_t>(policy.delay.count());
    lockout.integer("failures", policy.failures, 1, kFailuresMost);
    lockout.integer("delay_s", delay, 0, kDayS);
    lockout.integer("disable_after", policy.disable_after, 1, kDisableAfterMost);
    lockout.finish();
    policy.delay = std::chrono::seconds(delay);
    const std::uint32_t factor = config_.liveness == LivenessMode::off ? 1 : 2;
    if (policy.failures > factor * kNistFailures)
      warn_number(lockout, "failures", policy.failures, "at most", factor * kNistFailures);
    if (delay < kNistDelayS) warn_number(lockout, "delay_s", delay, "at least", kNistDelayS);
    if (policy.disable_after > factor * kNistDisableAfter)
      warn_number(lockout, "disable_after", policy.disable_after, "at most", factor * kNistDisableAfter);
  }

  void strong_auth() {
    Section strong = Section::in(reading_, root_, "strong_auth");
    StrongAuthPolicy& policy = config_.strong_auth;
    auto hours = static_cast<std::uint32_t>(policy.max_age.count());
    strong.boolean("after_boot", policy.after_boot);
    strong.integer("max_age_h", hours, 0, kYearH);
    strong.finish();
    policy.max_age = std::chrono::hours(hours);
    if (!policy.after_boot)
      warn(strong, "after_boot", "strong_auth.after_boot = false: no password is asked for after a restart");
    if (hours == 0) warn(strong, "max_age_h", "strong_auth.max_age_h = 0: a password is never asked for again");
  }

  void service(Section section, ServicePolicy& policy) {
    section.choice("factors", policy.factors, kFactors);
    section.choice("intent", policy.intent, kIntents);
    section.choice("remote", policy.remote_allowed, kAllowed);
    auto after_lock = static_cast<std::uint32_t>(policy.after_lock.count());
    section.integer("after_lock_s", after_lock, 0, kAfterLockMostS);
    policy.after_lock = std::chrono::seconds(after_lock);
    section.finish();
    if (section.has("remote") && policy.remote_allowed)
      warn(section, "remote",
           section.name() + ".remote = \"allow\": whoever sits at this machine can let in a remote session");
  }

  void services() {
    const toml::node* node = root_.get("service");
    const toml::table* all = node == nullptr ? nullptr : node->as_table();
    if (node != nullptr && all == nullptr)
      reading_.refuse(Errc::invalid_argument, node->source().begin.line,
                      "service is " + config_detail::described(*node) + ", expected tables like [service.sudo]");
    if (all == nullptr) return;
    service(Section::in(reading_, *all, "default", "service.default"), config_.default_service);
    for (const auto& [key, value] : *all) {
      if (key.str() == "default") continue;
      const std::string name(key.str());
      if (!service_name(name)) {
        reading_.refuse(Errc::invalid_argument, key.source().begin.line,
                        "service name \"" + log::sanitised(name) +
                            "\", expected the name of a file in /etc/pam.d, in lower case as PAM hands it on");
        return;
      }
      ServicePolicy policy = config_.default_service;
      service(Section::in(reading_, *all, name, "service." + name), policy);
      config_.services.emplace(name, policy);
    }
  }

  static bool service_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::kServiceMax && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '/' && !(c >= 'A' && c <= 'Z'); });
  }

  void warn(const Section& section, std::string_view key, const std::string& text) {
    warnings_.push_back(section.place(key) + ": " + text);
  }
  void warn_number(const Section& section, std::string_view key, std::uint32_t value, const std::string& bound,
                   std::uint32_t nist) {
    warn(section, key,
         "lockout." + std::string(key) + " = " + std::to_string(value) +
             " is weaker than NIST SP 800-63B-4 asks: " + bound + " " + std::to_string(nist));
  }

  Reading& reading_;
  const toml::table& root_;
  Config config_;
  std::vector<std::string> warnings_;
};

}  // namespace

Result<LoadedConfig> parse_config(std::string_view text, const std::string& file) {
  Reading reading(file);
  try {
    const toml::table root = toml::parse(text, file);
    LoadedConfig loaded = Parser(reading, root).parse();
    if (reading.good()) return loaded;
    return fail(reading.error()->code, reading.error()->message);
  } catch (const toml::parse_error& e) {
    return fail(Errc::invalid_argument,
                reading.place(e.source().begin.line) + ": not TOML: " + log::sanitised(e.description()));
  } catch (const std::exception& e) {
    return fail(Errc::internal, file + ": " + e.what());
  }
}

}  // namespace faceauth
