// Pictures of the figures, drawn by gnuplot: error trade-off, histograms of distances, and a table of errors.
#pragma once

#include <faceauth/result.h>

#include <tests/accuracy/gallery.h>

#include <string>
#include <vector>

namespace faceauth::eval {

// `path` ends in .svg or .png. Errors: invalid_argument, io (gnuplot is missing or failed; the message says what to
// do).
[[nodiscard]] Result<void> plot_rankings(const std::string& path, const std::string& title,
                                         const std::vector<NamedRanking>& rankings, const std::string& table);

// Rates against a threshold: the liveness curve.
struct RateCurve {
  std::string name;
  std::vector<std::pair<double, double>> points;
};
[[nodiscard]] Result<void> plot_curves(const std::string& path, const std::string& title, const std::string& x_label,
                                       const std::vector<RateCurve>& curves);

}  // namespace faceauth::eval
