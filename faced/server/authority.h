// Who may ask what, and when. What is not in the table ends the connection.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/handlers.h>

#include <faceauth/protocol.h>

#include <cstdint>
#include <optional>
#include <span>

namespace faceauth {

// Why a person may not, of Right::root_or_self_present.
inline constexpr const char* kNotPresent =
    "you have no active session at this machine: sit down at it and log in there, or use sudo";

enum class Right : std::uint8_t {
  anyone,
  root,
  root_or_self,          // the request is about the peer's own user
  root_or_self_present,  // and the peer belongs to an active session at this machine
  root_or_self_proven,   // and his password was proved on this connection
};

// photos: within enroll, verify or identify. restoring: within restore.
enum class Phase : std::uint8_t { idle, photos, restoring };

struct Rule {
  wire::Type type;
  Phase phase;
  Right right;
  bool names_subject;  // the body begins with the user it is about
  Handler handler;     // null: served within another request's handler
};

[[nodiscard]] std::span<const Rule> authority();
[[nodiscard]] const Rule* find_rule(wire::Type type, Phase phase);

// `subject_uid`: of the user the request is about, if it names one that exists. `proven`: that user's password was
// proved on this connection. `present`: see origin.h.
[[nodiscard]] bool permits(Right right, const Peer& peer, std::optional<std::uint32_t> subject_uid, bool proven,
                           bool present);

}  // namespace faceauth
