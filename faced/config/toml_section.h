// Strict reading of one table of faced.toml: each key is asked for by name, type and range; what nobody asked for is
// an error. The first error is kept and later calls change nothing, so that a reader can ask for all its keys and
// look once.
#pragma once

#include <faceauth/result.h>

#include <toml++/toml.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faceauth::config_detail {

// One file being read: its name for messages and the first error.
class Reading {
 public:
  explicit Reading(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::string place(std::uint32_t line) const { return file_ + ":" + std::to_string(line); }
  void refuse(Errc code, std::uint32_t line, const std::string& message) {
    if (!error_) error_ = Error{code, place(line) + ": " + message};
  }
  [[nodiscard]] bool good() const { return !error_.has_value(); }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::string file_;
  std::optional<Error> error_;
};

// What a value is, in words for a message: `"text"`, `3`, `a table`.
[[nodiscard]] std::string described(const toml::node& node);

// Refuses what the file holds besides the tables of these names.
void refuse_unknown_tables(Reading& reading, const toml::table& root, std::span<const std::string_view> known);

template <class E>
using Choice = std::pair<std::string_view, E>;

// A table, or nothing where the file has none. Borrows both arguments.
class Section {
 public:
  Section(Reading& reading, std::string name, const toml::table* table)
      : reading_(&reading), name_(std::move(name)), table_(table) {}

  // The table `key` inside `parent`, called `name` in messages; a value that is no table is refused.
  static Section in(Reading& reading, const toml::table& parent, const std::string& key, const std::string& name);
  static Section in(Reading& reading, const toml::table& parent, const std::string& key) {
    return in(reading, parent, key, key);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }

  // Each leaves `out` alone when the key is missing. `check` gives what was expected when the value does not do.
  using Check = std::function<std::optional<std::string>(const std::string&)>;
  void text(std::string_view key, std::string& out, const Check& check);
  void boolean(std::string_view key, bool& out);
  void integer(std::string_view key, std::uint32_t& out, std::uint32_t least, std::uint32_t most);
  void number(std::string_view key, double& out, double least, double most);            // integers too
  void numbers(std::string_view key, std::span<float> out, double least, double most);  // an array of exactly so many

  template <class E, std::size_t N>
  void choice(std::string_view key, E& out, const std::array<Choice<E>, N>& choices) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const auto given = node->value_exact<std::string_view>();
    std::string expected = "expected one of";
    for (const auto& [name, value] : choices) {
      if (given == name) {
        out = value;
        return;
      }
      expected += (&name == &choices.front().first ? " \"" : ", \"") + std::string(name) + '"';
    }
    mismatch(key, *node, expected);
  }

  // Says what is wrong with a value that is right by itself.
  void refuse(Errc code, std::string_view key, const std::string& message);
  // Where a key stands, or the table itself when it is not there.
  [[nodiscard]] std::string place(std::string_view key) const { return reading_->place(line_of(key)); }

  // Refuses keys that nobody asked for.
  void finish();

 private:
  const toml::node* find(std::string_view key);
  void mismatch(std::string_view key, const toml::node& node, const std::string& expected);
  [[nodiscard]] std::string full(std::string_view key) const { return name_ + "." + std::string(key); }
  [[nodiscard]] std::uint32_t line_of(std::string_view key) const;

  Reading* reading_;
  std::string name_;
  const toml::table* table_;
  std::vector<std::string_view> asked_;
};

}  // namespace faceauth::config_detail
