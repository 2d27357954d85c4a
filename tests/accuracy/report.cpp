#include <tests/accuracy/report.h>

#include <fmt/format.h>

#include <cmath>

namespace faceauth::eval {
namespace {

constexpr double kPercent = 100;

std::string percent(double rate) {
  const double value = rate * kPercent;
  if (value == 0) return "0";
  return std::fabs(value) < 0.1 ? fmt::format("{:.2g}", value) : fmt::format("{:.2f}", value);
}

std::string scalar(const Json& value) {
  if (value.is_null()) return "not measured";
  return value.is_number_float() ? fmt::format("{:.6g}", value.get<double>()) : value.dump();
}

// A rate is a number that has an interval beside it; what belongs to a rate is told with it.
void lines_of(const Json& object, const std::string& path, std::string& out) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = path.empty() ? key : path + "." + key;
    const auto ends = [&key = key](const char* end) { return key.ends_with(end); };
    if (ends("ci") || ends("_by_person") || ends("_errors") || ends("_trials") || key == "curve") continue;
    if (value.is_object())
      lines_of(value, name, out);
    else if (object.contains(key + "_ci") || (key == "fnmr" && object.contains("ci")))
      out += fmt::format("  {:<44} {}\n", name, text_of(object, key));
    else if (!value.is_array())
      out += fmt::format("  {:<44} {}\n", name, scalar(value));
  }
}

}  // namespace

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json json_of(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

void put_rate(Json& object, const std::string& name, const Rate& rate) {
  object[name] = json_of(rate.value);
  object[name + "_ci"] = json_of(rate.interval);
  object[name + "_by_person"] = json_of(rate.by_person);
  object[name + "_errors"] = rate.errors;
  object[name + "_trials"] = rate.trials;
}

std::string text_of(const Json& object, const std::string& name) {
  const Json& value = object.at(name);
  if (value.is_null()) return "not measured";
  const std::string key = object.contains(name + "_ci") ? name + "_ci" : "ci";
  std::string text = percent(value.get<double>()) + " %";
  if (object.contains(key) && object.at(key).is_array())
    text += fmt::format(" [{}, {}]", percent(object.at(key).at(0).get<double>()),
                        percent(object.at(key).at(1).get<double>()));
  if (object.contains(name + "_errors"))
    text += fmt::format("  {} of {}", object.at(name + "_errors").get<std::size_t>(),
                        object.at(name + "_trials").get<std::size_t>());
  if (object.contains(name + "_by_person") && !object.at(name + "_by_person").is_null())
    text += fmt::format("; by person {} %", percent(object.at(name + "_by_person").get<double>()));
  return text;
}

std::string table_of(const Json& report) {
  std::string out;
  lines_of(report, "", out);
  return out;
}

}  // namespace faceauth::eval
