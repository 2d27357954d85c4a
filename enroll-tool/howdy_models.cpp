#include <enroll-tool/howdy_models.h>
#include <enroll-tool/words.h>
#include <faceauth/limits.h>
#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 8;                           // the format needs four
constexpr double kValueMost = 10;                     // dlib's encodings stay below one
constexpr std::uint64_t kTimeMost = 253'402'300'799;  // the year 9999
constexpr std::string_view kEnding = ".dat";

tl::unexpected<Error> unlike(const char* what) {
  return fail(Errc::invalid_argument, fmt::format("not a file of Howdy's models: {}", what));
}

// Before a tree is made of it, which takes memory for every bracket.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

bool read_encoding(const Json& row, std::array<float, 128>& out) {
  if (!row.is_array() || row.size() != out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!row[i].is_number()) return false;
    const auto value = row[i].get<double>();
    if (!std::isfinite(value) || std::fabs(value) > kValueMost) return false;
    out[i] = static_cast<float>(value);
  }
  return true;
}

// The parts of an entry that its encodings share.
Result<HowdyModel> read_head(const Json& entry) {
  HowdyModel head;
  const auto time = entry.find("time"), label = entry.find("label");
  if (time == entry.end() || !time->is_number()) return unlike("a model has no time");
  const auto seconds = time->get<double>();
  if (!(seconds >= 0) || seconds > static_cast<double>(kTimeMost)) return unlike("a model's time is impossible");
  head.created = static_cast<std::uint64_t>(seconds);
  if (label == entry.end() || !label->is_string()) return unlike("a model has no label");
  head.label = printable(label->get<std::string>());
  if (head.label.size() > limits::kLabelMax) return unlike("a model's label is too long");
  return head;
}

}  // namespace

Result<std::vector<HowdyModel>> parse_howdy(std::string_view text) {
  if (text.size() > kHowdyFileMost) return unlike("it is too large");
  if (too_deep(text)) return unlike("its brackets are nested too deeply");
  const Json file = Json::parse(text, nullptr, false);
  if (!file.is_array()) return unlike("it is no JSON list");
  std::vector<HowdyModel> models;
  for (const Json& entry : file) {
    if (!entry.is_object()) return unlike("an entry is no object");
    Result<HowdyModel> head = read_head(entry);
    if (!head) return tl::unexpected<Error>(head.error());
    const auto data = entry.find("data");
    if (data == entry.end() || !data->is_array() || data->empty()) return unlike("a model has no encodings");
    for (const Json& row : *data) {
      if (models.size() == kHowdyModelsMost) return unlike("it has more models than a user may have");
      if (!read_encoding(row, head->encoding)) return unlike("an encoding is not 128 numbers of dlib's network");
      models.push_back(*head);
    }
  }
  return models;
}

std::string howdy_user(std::string_view file_name) {
  if (file_name.size() <= kEnding.size() || !file_name.ends_with(kEnding)) return "";
  const std::string_view name = file_name.substr(0, file_name.size() - kEnding.size());
  if (name.size() > limits::kUserNameMax || name.front() == '-' || name.front() == '.') return "";
  if (name.find('/') != std::string_view::npos || printable(name) != name) return "";
  return std::string(name);
}

}  // namespace faceauth::enroll
