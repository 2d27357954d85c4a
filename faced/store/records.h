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

// The source and the label of a template that joined by itself after a login. All others are the enrolled core.
inline constexpr char kAdapted[] = "adapted";
[[nodiscard]] inline bool is_adapted(const TemplateInfo& info) { return info.source == kAdapted; }

// An encoding that Howdy made, of dlib's network alone: stands in the place of the other model's id, so that no
// comparison takes it. An enrolment by camera completes it: its own templates, with both encodings, take its place.
inline constexpr char kDlibOnly[] = "dlib-only";
inline constexpr char kFromHowdy[] = "howdy";  // its source
[[nodiscard]] inline bool is_incomplete(const TemplateInfo& info) { return info.feature_model == kDlibOnly; }

struct Template {
  TemplateInfo info;
  Secret<Encodings> encodings;
};

// What was done about a user that he ought to hear of, in rising order of weight.
enum class Change : std::uint8_t { none = 0, faces_removed = 1, password_set = 2, face_registered = 3 };
inline constexpr std::uint8_t kChangeLast = 3;

// What he was not told yet. However much it is, it stays this small: nobody fills the store, or a terminal, with it.
struct Untold {
  Change change = Change::none;  // the weightiest, and of several such the latest
  UnixTime at{};
  std::uint32_t by_uid = 0;
  std::uint16_t more = 0;  // changes besides
  friend bool operator==(const Untold&, const Untold&) = default;
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
  Untold untold;
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
