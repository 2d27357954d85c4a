// Figures as JSON (the names people script against) and as a table for the terminal.
#pragma once

#include <tests/accuracy/statistics.h>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace faceauth::eval {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json json_of(const std::optional<double>& value);
[[nodiscard]] Json json_of(const std::optional<Interval>& interval);

// "<name>", "<name>_ci", "<name>_by_person", and the counts as "<name>_errors", "<name>_trials".
void put_rate(Json& object, const std::string& name, const Rate& rate);

// "0.52 % [0.31, 0.90]", or "not measured".
[[nodiscard]] std::string text_of(const Json& object, const std::string& name);

// The report for people: one line per figure.
[[nodiscard]] std::string table_of(const Json& report);

}  // namespace faceauth::eval
