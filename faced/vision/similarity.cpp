#include <faced/vision/similarity.h>

#include <algorithm>

namespace faceauth::vision {

// As complex numbers the transform is z -> s*z + t, a linear regression with the closed form
// s = sum(conj(f) * g) / sum|f|^2 over centred points f and g.
cv::Matx23f fit_similarity(std::span<const cv::Point2f> from, std::span<const cv::Point2f> to) {
  const std::size_t n = std::min(from.size(), to.size());
  cv::Point2d mean_from, mean_to;
  for (std::size_t i = 0; i < n; ++i) {
    mean_from += cv::Point2d(from[i]);
    mean_to += cv::Point2d(to[i]);
  }
  if (n > 0) {
    mean_from /= static_cast<double>(n);
    mean_to /= static_cast<double>(n);
  }
  double spread = 0, re = 0, im = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const cv::Point2d f = cv::Point2d(from[i]) - mean_from, g = cv::Point2d(to[i]) - mean_to;
    spread += f.dot(f);
    re += f.dot(g);
    im += f.cross(g);
  }
  if (spread <= 0) return {1, 0, 0, 0, 1, 0};
  re /= spread;
  im /= spread;
  const double tx = mean_to.x - (re * mean_from.x - im * mean_from.y);
  const double ty = mean_to.y - (im * mean_from.x + re * mean_from.y);
  return {static_cast<float>(re), static_cast<float>(-im), static_cast<float>(tx),
          static_cast<float>(im), static_cast<float>(re),  static_cast<float>(ty)};
}

}  // namespace faceauth::vision
