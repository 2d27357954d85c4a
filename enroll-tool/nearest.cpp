#include <enroll-tool/nearest.h>

#include <algorithm>

namespace faceauth::enroll {

namespace {

constexpr std::size_t kSlipsMost = 2;

// Levenshtein's distance, with two neighbours that changed places as one slip.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      const std::size_t changed = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& words) {
  std::string best;
  std::size_t least = std::min(kSlipsMost + 1, typed.size());
  for (const std::string& word : words) {
    // A long word is no slip for any verb, and need not be compared.
    const std::size_t apart = typed.size() > word.size() + kSlipsMost ? least : slips_between(typed, word);
    if (apart >= least) continue;
    least = apart;
    best = word;
  }
  return best;
}

}  // namespace faceauth::enroll
