// Worse pictures made of good ones, to see what a rule is worth on them.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <string_view>

namespace faceauth::eval {

enum class Degrade { none, light_25, light_15, blur_2, roll_30, grey, face_60 };

inline constexpr std::array<std::string_view, 7> kDegradeNames = {"none",    "light-25", "light-15", "blur-2",
                                                                  "roll-30", "grey",     "face-60"};

[[nodiscard]] std::optional<Degrade> degrade_by_name(std::string_view name);
[[nodiscard]] constexpr std::string_view name_of(Degrade kind) { return kDegradeNames[static_cast<std::size_t>(kind)]; }

// `face_height`: of the face in `bgr`, in pixels (for face_60). The same picture gets the same noise every time.
[[nodiscard]] cv::Mat degraded(const cv::Mat& bgr, Degrade kind, float face_height);

}  // namespace faceauth::eval
