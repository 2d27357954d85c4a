#include <faced/auth/encoding_math.h>
#include <faced/auth/incomplete.h>

#include <algorithm>
#include <cmath>

namespace faceauth {
namespace {

// The network's encodings of faces are 1.1 to 1.7 long.
constexpr double kShortest = 0.5, kLongest = 3;

}  // namespace

bool completes(const Template& fresh, const Template& incomplete) {
  const bool by_camera = fresh.info.source.starts_with("camera ") || fresh.info.source.starts_with("ir ");
  if (!by_camera || !is_incomplete(incomplete.info) || is_incomplete(fresh.info)) return false;
  if (fresh.info.dlib_model != incomplete.info.dlib_model) return false;
  if (fresh.encodings.empty() || incomplete.encodings.empty()) return false;
  return encoding_math::dlib_distance(*fresh.encodings, *incomplete.encodings) <= kDlibStrict;
}

bool plausible_dlib(const std::array<float, kDlibDims>& encoding) {
  double square = 0;
  for (const float value : encoding) square += double{value} * double{value};
  return std::isfinite(square) && square >= kShortest * kShortest && square <= kLongest * kLongest;
}

}  // namespace faceauth
