// The sentences people read.
#pragma once

#include <faceauth/errc.h>
#include <faceauth/movement.h>
#include <faceauth/pose.h>
#include <faceauth/verdict.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faceauth::enroll {

// For an error that came without words of its own.
[[nodiscard]] const char* error_words(Errc code);

[[nodiscard]] const char* verdict_words(Verdict verdict);

// "no face found; use a photo that shows the face from the front"
[[nodiscard]] std::string photo_advice(FaceIssue issue);

// "step closer to the camera"; never null.
[[nodiscard]] const char* camera_advice(FaceIssue issue);

// "turn your head to the left"; never null.
[[nodiscard]] const char* movement_words(Movement movement);

// "turn your head a little to the left"; never null.
[[nodiscard]] const char* pose_words(Pose pose);

// `text` with everything that could steer a terminal replaced: names and labels are chosen by others.
[[nodiscard]] std::string printable(std::string_view text);

// What --since means, in Unix seconds: an age before `now` ("30m", "12h", "7d") or a UTC date or time, as iso_time()
// writes it. Nothing for what is neither.
[[nodiscard]] std::optional<std::uint64_t> moment(std::string_view text, std::uint64_t now);

// ISO 8601 in UTC, "2024-05-01T12:00:00Z"; nothing for a time no calendar has.
[[nodiscard]] std::optional<std::string> iso_time(std::uint64_t unix_seconds);

}  // namespace faceauth::enroll
