#include <faced/auth/encoding_math.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace faceauth::encoding_math {
namespace {

constexpr double kLengthLeast = 1e-3;  // genuine encodings have length 1 and about 1.4
constexpr float kNowhere = std::numeric_limits<float>::infinity();

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

double length(std::span<const float> v) { return std::sqrt(dot(v, v)); }

// False for NaN as well.
bool measurable(double length) { return length >= kLengthLeast && std::isfinite(length); }

}  // namespace

bool usable(const Encodings& e) { return measurable(length(e.feature)) && measurable(length(e.dlib)); }

void add(Encodings& sum, const Encodings& one) {
  const auto scale = static_cast<float>(1 / length(one.feature));
  for (std::size_t i = 0; i < kFeatureDims; ++i) sum.feature[i] += one.feature[i] * scale;
  for (std::size_t i = 0; i < kDlibDims; ++i) sum.dlib[i] += one.dlib[i];
}

bool to_mean(Encodings& sum, std::size_t count) {
  const double feature = length(sum.feature);
  if (count > 0 && measurable(feature)) {
    for (float& v : sum.feature) v = static_cast<float>(static_cast<double>(v) / feature);
    for (float& v : sum.dlib) v /= static_cast<float>(count);
    if (usable(sum)) return true;
  }
  sum.feature.fill(0);
  sum.dlib.fill(0);
  return false;
}

float feature_distance(const Encodings& a, const Encodings& b) {
  const double la = length(a.feature), lb = length(b.feature);
  if (!measurable(la) || !measurable(lb)) return kNowhere;
  const double cosine = dot(a.feature, b.feature) / (la * lb);
  return static_cast<float>(std::sqrt(std::max(0.0, 2 - 2 * cosine)));
}

float dlib_distance(const Encodings& a, const Encodings& b) {
  if (!measurable(length(a.dlib)) || !measurable(length(b.dlib))) return kNowhere;
  double sum = 0;
  for (std::size_t i = 0; i < kDlibDims; ++i) {
    const double d = static_cast<double>(a.dlib[i]) - static_cast<double>(b.dlib[i]);
    sum += d * d;
  }
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace faceauth::encoding_math
