// What the store keeps, as values.
#pragma once

#include <faced/crypto/password.h>
#include <faced/crypto/secret.h>
#include <faced/util/clock.h>

#include <faceauth/modality.h>
#include <faceauth/sight.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

using TemplateId = std::array<std::uint8_t, 8>;  // random, unique within a user

struct TemplateInfo {
  TemplateId id{};
  std::string label;       // at most limits::kLabelMax bytes
  std::string source;      // "photo", or what source_of() says of the camera
  std::string dlib_model;  // eye::ModelName as text; a template is only compared with a probe of the same models
  std::string feature_model;
  UnixTime created{};
};

// "camera" or, of an infrared one, "ir", and the camera's mark.
[[nodiscard]] inline std::string source_of(Modality modality, std::string_view mark) {
  return std::string(modality == Modality::infrared ? "ir " : "camera ").append(mark);
}
// What a template was made with; photos count as colour.
[[nodiscard]] inline Modality modality_of(const TemplateInfo& info) {
  return info.source.starts_with("ir ") ? Modality::infrared : Modality::color;
}

struct Template {
  TemplateInfo info;
  Secret<Encodings> encodings;
};

// Counters that outlive restarts. Times are Unix seconds, zero = never.
struct UserState {
  std::uint32_t face_failures = 0;  // judged failures in a row
  UnixTime face_locked_until{};
  bool face_disabled = false;  // lockout's end: until a right password or `unlock`
  bool switched_off = false;   // `disable`: until `enable`
  std::uint32_t password_failures = 0;
  UnixTime password_locked_until{};
  bool password_stale = false;  // another module accepted a password that the stored hash does not know
  UnixTime strong_auth_at{};
  std::array<std::uint8_t, 16> strong_auth_boot{};  // boot id of that moment
  friend bool operator==(const UserState&, const UserState&) = default;
};

// Random, of one registration: somebody who was removed and registered again under his name has another.
using RegistrationId = std::array<std::uint8_t, 16>;

struct UserSummary {
  std::string name;
  RegistrationId registration{};
  std::uint32_t uid = 0;
  UnixTime created{};
  bool has_password = false;
  UserState state;
  std::vector<TemplateInfo> templates;  // in order of creation
};

struct StoreFigures {
  std::uint64_t users = 0, templates = 0, bytes = 0;  // bytes on disk
};

}  // namespace faceauth
