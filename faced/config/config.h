// faced.toml as values. Reading is strict: an unknown key, a wrong type, a value out of range or an unsafe owner
// is refused with file, line and what was expected.
#pragma once

#include <faced/config/encoder.h>

#include <faceauth/modality.h>
#include <faceauth/result.h>
#include <faceauth/verdict.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

enum class MatchLevel : std::uint8_t { convenient, balanced, strict };
enum class LivenessMode : std::uint8_t { off, passive, active };

// What a camera must be: one that offers grey pictures alone counts as infrared.
enum class CameraKind : std::uint8_t { any, color, infrared };

// Which cameras a login asks: the first, or the infrared one as well.
enum class CamerasAsked : std::uint8_t { first, both };

// Which device counts as this machine's camera, and when.
struct CameraPolicy {
  std::string device = "auto";
  CameraKind kind = CameraKind::color;
  bool second = false;  // its keys begin with "infrared"
  bool allow_replay = false;
  float replay_fps = 30;                    // 0: as fast as frames are asked for
  std::string driver, bus, usb_id, serial;  // what it must be; empty: anything
  bool removable_allowed = true;            // one that was plugged in
  bool lid_counts = true;                   // a built-in one is left alone while the lid is closed
  bool same_as_enrolled = false;            // only templates made with this very camera are compared
  // A replay without a beat of its own: when its frames come says nothing.
  [[nodiscard]] bool gives_on_demand() const { return device.starts_with("replay:") && replay_fps <= 0; }
  friend bool operator==(const CameraPolicy&, const CameraPolicy&) = default;
};

struct ServicePolicy {
  Factors factors = Factors::face;
  Intent intent = Intent::none;
  bool remote_allowed = false;
  std::chrono::seconds after_lock{0};  // of the asking program's life, in which its user's face is not looked at
};

struct LockoutPolicy {
  std::uint32_t failures = 5;      // judged failures in a row before the first wait
  std::chrono::seconds delay{30};  // first wait; doubles with each further failure
  std::uint32_t disable_after = 50;
};

struct StrongAuthPolicy {
  bool after_boot = true;
  std::chrono::hours max_age{72};  // 0: never asked for
};

// Templates that join by themselves (docs/decisions/0051-templates-that-adapt.md).
struct AdaptPolicy {
  bool on = false;
  std::uint32_t templates = 2;  // at most so many of them for each user
};

struct Config {
  std::string store = "/var/lib/faceauth";
  std::string socket = "/run/faceauth/faced.sock";
  std::string models = "/usr/share/faceauth/models";
  std::string key_source = "credential:faceauth.key";
  CameraPolicy camera;
  std::optional<CameraPolicy> infrared;  // the second camera
  CamerasAsked cameras = CamerasAsked::first;
  MatchLevel level = MatchLevel::balanced;
  AdaptPolicy adapt;
  bool attention = true;                // who looks away or has shut eyes is not compared
  std::string encoder_file;             // describes an administrator's encoder; empty: the shipped one
  Encoder encoder = shipped_encoder();  // what load_config read there
  LivenessMode liveness = LivenessMode::passive;
  std::string hook;  // a program to run when what a user logs in with was changed; empty: none
  std::chrono::milliseconds timeout{5000};
  LockoutPolicy lockout;
  StrongAuthPolicy strong_auth;
  ServicePolicy default_service;
  std::map<std::string, ServicePolicy, std::less<>> services;  // each complete: defaults already filled in

  [[nodiscard]] const ServicePolicy& service(std::string_view name) const;
  // The policy of a login's first or second camera; ask for the second only where `cameras` is `both`.
  [[nodiscard]] const CameraPolicy& camera_at(std::size_t place) const;
  [[nodiscard]] std::size_t cameras_asked() const { return cameras == CamerasAsked::both ? 2 : 1; }
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> warnings;  // values weaker than NIST SP 800-63B-4 asks, for the log
};

// `text` as if it stood in `file` (for messages); opens nothing. Errors: invalid_argument, unsupported.
[[nodiscard]] Result<LoadedConfig> parse_config(std::string_view text, const std::string& file);

// Reads by one opened descriptor whose every path component is trusted (util/trusted_file.h).
// The hook, if one is named, must be as trusted. Errors: as parse_config, and not_found, unsafe_path, io.
[[nodiscard]] Result<LoadedConfig> load_config(const std::string& file);

}  // namespace faceauth
