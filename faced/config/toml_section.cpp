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

}  // namespace

std::string described(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  std::ostringstream out;
  out << toml::toml_formatter{node, toml::format_flags::none};
  return log::sanitised(out.str());
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
  const auto whole = node->value_exact<std::int64_t>();
  const auto given = whole ? std::optional<double>(static_cast<double>(*whole)) : node->value_exact<double>();
  // Written so that "nan" is refused.
  if (!given || !(*given >= least && *given <= most))
    return mismatch(key, *node, "expected a number from " + number_text(least) + " to " + number_text(most));
  out = *given;
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
