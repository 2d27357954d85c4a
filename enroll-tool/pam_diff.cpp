#include <enroll-tool/pam_plan.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

namespace faceauth::enroll::pam {

namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kRowsMost = 4000;  // the table below has as many fields as the product of both sides

std::vector<std::string> rows_of(const std::string& text) {
  std::vector<std::string> rows;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = text.find('\n', at);
    const bool last = newline == std::string::npos;
    rows.push_back(last ? text.substr(at) + "\n\\ No newline at end of file\n" : text.substr(at, newline + 1 - at));
    at = last ? text.size() : newline + 1;
  }
  return rows;
}

struct Step {
  char sign;
  const std::string* row;
};

// The longest common rows, by the usual table.
std::vector<Step> steps(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::uint16_t> common((a.size() + 1) * width, 0);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      common[i * width + j] = a[i] == b[j] ? static_cast<std::uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                           : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  std::vector<Step> out;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out.push_back({' ', &a[i++]});
      ++j;
    } else if (i < a.size() && (j == b.size() || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      out.push_back({'-', &a[i++]});
    } else {
      out.push_back({'+', &b[j++]});
    }
  }
  return out;
}

std::string range(std::size_t before, std::size_t count) {
  return count == 1 ? fmt::format("{}", before + 1) : fmt::format("{},{}", count == 0 ? before : before + 1, count);
}

// The end of the hunk that the change at `from` belongs to: changes with at most two contexts between them join.
std::size_t hunk_end(const std::vector<Step>& all, std::size_t from) {
  std::size_t last = from;
  for (std::size_t i = from; i < all.size() && i <= last + 2 * kContext + 1; ++i)
    if (all[i].sign != ' ') last = i;
  return std::min(all.size(), last + 1 + kContext);
}

}  // namespace

std::string unified_diff(const std::string& before, const std::string& after, const std::string& name) {
  const std::vector<std::string> a = rows_of(before), b = rows_of(after);
  if (before == after) return "";
  if (a.size() > kRowsMost || b.size() > kRowsMost) return fmt::format("{}: too long to be shown\n", name);
  const std::vector<Step> all = steps(a, b);
  std::string out = fmt::format("--- {}\n+++ {}\n", name, name);
  std::size_t at = 0, old_row = 0, new_row = 0;
  const auto pass = [&](const Step& step) {
    old_row += step.sign != '+';
    new_row += step.sign != '-';
  };
  for (std::size_t change = 0; change < all.size(); ++change) {
    if (all[change].sign == ' ') continue;
    const std::size_t begin = change > at + kContext ? change - kContext : at, end = hunk_end(all, change);
    for (; at < begin; ++at) pass(all[at]);
    const std::size_t old_from = old_row, new_from = new_row;
    std::string body;
    for (; at < end; ++at) {
      pass(all[at]);
      body += all[at].sign + *all[at].row;
    }
    out += fmt::format("@@ -{} +{} @@\n{}", range(old_from, old_row - old_from), range(new_from, new_row - new_from),
                       body);
    change = end - 1;
  }
  return out;
}

}  // namespace faceauth::enroll::pam
