#include <faced/config/toml_section.h>
#include <faced/util/log_format.h>

#include <algorithm>
#include <sstream>

namespace faceauth::config_detail {
namespace {

std::string number_text(double v) {
  std::ostringstream out;
  out << v;
  return out.str();
}

std::optional<double> number_in(const toml::node& node) {
  const auto whole = node.value_exact<std::int64_t>();
  return whole ? std::optional<double>(static_cast<double>(*whole)) : node.value_exact<double>();
}

}  // namespace

std::string described(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  std::ostringstream out;
  out << toml::toml_formatter{node, toml::format_flags::none};
  return log::sanitised(out.str());
}

void refuse_unknown_tables(Reading& reading, const toml::table& root, std::span<const std::string_view> known) {
  for (const auto& [key, node] : root) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    std::string expected;
    for (const std::string_view name : known) expected += (expected.empty() ? "" : ", ") + std::string(name);
    reading.refuse(
        Errc::invalid_argument, key.source().begin.line,
        "unknown table or key \"" + log::sanitised(key.str()) + "\", expected one of the tables " + expected);
  }
}

Section Section::in(Reading& reading, const toml::table& parent, const std::string& key, const std::string& name) {
  const toml::node* node = parent.get(key);
  if (node != nullptr && !node->is_table())
    reading.refuse(Errc::invalid_argument, node->source().begin.line,
                   name + " is " + described(*node) + ", expected a table: [" + name + "]");
  return {reading, name, node == nullptr ? nullptr : node->as_table()};
}

const toml::node* Section::find(std::string_view key) {
  asked_.push_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

std::uint32_t Section::line_of(std::string_view key) const {
  if (table_ == nullptr) return 1;
  const toml::node* node = table_->get(key);
  return node != nullptr ? node->source().begin.line : table_->source().begin.line;
}

void Section::mismatch(std::string_view key, const toml::node& node, const std::string& expected) {
  reading_->refuse(Errc::invalid_argument, node.source().begin.line,
                   full(key) + " is " + described(node) + ", " + expected);
}

void Section::refuse(Errc code, std::string_view key, const std::string& message) {
  reading_->refuse(code, line_of(key), message);
}

void Section::text(std::string_view key, std::string& out, const Check& check) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto given = node->value_exact<std::string>();
  if (!given) return mismatch(key, *node, "expected a text in quotes");
  if (const auto expected = check(*given)) return mismatch(key, *node, "expected " + *expected);
  out = *given;
}

void Section::boolean(std::string_view key, bool& out) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto given = node->value_exact<bool>();
  if (!given) return mismatch(key, *node, "expected true or false");
  out = *given;
}

void Section::integer(std::string_view key, std::uint32_t& out, std::uint32_t least, std::uint32_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto given = node->value_exact<std::int64_t>();
  if (!given || *given < least || *given > most)
    return mismatch(key, *node,
                    "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  out = static_cast<std::uint32_t>(*given);
}

void Section::number(std::string_view key, double& out, double least, double most) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const auto given = number_in(*node);
  // Written so that "nan" is refused.
  if (!given || !(*given >= least && *given <= most))
    return mismatch(key, *node, "expected a number from " + number_text(least) + " to " + number_text(most));
  out = *given;
}

void Section::numbers(std::string_view key, std::span<float> out, double least, double most) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  bool fits = array != nullptr && array->size() == out.size();
  for (std::size_t i = 0; fits && i < out.size(); ++i) {
    const std::optional<double> given = number_in(*array->get(i));
    fits = given && *given >= least && *given <= most;
    if (fits) out[i] = static_cast<float>(*given);
  }
  if (!fits)
    mismatch(key, *node,
             "expected " + std::to_string(out.size()) + " numbers in brackets, each from " + number_text(least) +
                 " to " + number_text(most));
}

void Section::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) != asked_.end()) continue;
    std::string known;
    for (const std::string_view name : asked_) known += (known.empty() ? "" : ", ") + std::string(name);
    reading_->refuse(Errc::invalid_argument, key.source().begin.line,
                     "unknown key \"" + log::sanitised(key.str()) + "\" in [" + name_ + "], expected one of " + known);
  }
}

}  // namespace faceauth::config_detail
