#include <enroll-tool/howdy_models.h>
#include <enroll-tool/words.h>
#include <faceauth/limits.h>
#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace faceauth::enroll {

namespace {

constexpr int kDeepest = 8;                           // brackets within what nobody asks for
constexpr double kValueMost = 10;                     // dlib's encodings stay below one
constexpr std::uint64_t kTimeMost = 253'402'300'799;  // the year 9999
constexpr std::string_view kEnding = ".dat";

tl::unexpected<Error> unlike(const char* what) {
  return fail(Errc::invalid_argument, fmt::format("not a file of Howdy's models: {}", what));
}

// Takes the file's values as they come: a tree of them would leave encodings behind in memory. The names of the public
// members are nlohmann's; false ends the reading.
class Taker {
 public:
  bool null() { return value(); }
  bool boolean(bool /*unused*/) { return value(); }
  bool number_integer(std::int64_t given) { return number(static_cast<double>(given)); }
  bool number_unsigned(std::uint64_t given) { return number(static_cast<double>(given)); }
  bool number_float(double given, const std::string& /*unused*/) { return number(given); }
  bool string(std::string& given);
  template <class Binary>
  bool binary(Binary& /*unused*/) {
    return value();
  }
  bool key(std::string& given) {
    if (skipped_ == 0) key_ = given;
    return true;
  }
  bool start_object(std::size_t /*unused*/);
  bool end_object();
  bool start_array(std::size_t /*unused*/);
  bool end_array();
  template <class Exception>
  bool parse_error(std::size_t /*unused*/, const std::string& /*unused*/, const Exception& /*unused*/) {
    return refuse("it is no JSON list");
  }

  std::vector<HowdyModel> models;
  const char* wrong = "it is no JSON list";

 private:
  enum class Place : std::uint8_t { file, list, entry, encodings, encoding };

  bool refuse(const char* why) {
    wrong = why;
    return false;
  }
  bool number(double given);
  bool value();
  bool skip() { return ++skipped_ <= kDeepest || refuse("its brackets are nested too deeply"); }
  bool refuse_here();
  bool end_entry();

  Place place_ = Place::file;
  int skipped_ = 0;  // brackets that are open within a value that nobody asks for
  std::string key_;  // of an entry
  HowdyModel head_;  // what an entry's encodings share
  bool timed_ = false, labelled_ = false;
  std::size_t first_ = 0;    // of the entry's models
  std::size_t numbers_ = 0;  // of the encoding
};

// What is not what stands there in Howdy's files.
bool Taker::refuse_here() {
  if (place_ == Place::file) return refuse("it is no JSON list");
  if (place_ == Place::list) return refuse("an entry is no object");
  if (place_ != Place::entry) return refuse("an encoding is not 128 numbers of dlib's network");
  if (key_ == "time") return refuse("a model has no time");
  return refuse(key_ == "label" ? "a model has no label" : "a model has no encodings");
}

// One that is neither number nor text.
bool Taker::value() {
  const bool asked_for = place_ != Place::entry || key_ == "time" || key_ == "label" || key_ == "data";
  return skipped_ > 0 || !asked_for || refuse_here();
}

bool Taker::number(double given) {
  if (skipped_ > 0) return true;
  if (place_ == Place::entry && key_ == "time") {
    if (!(given >= 0) || given > static_cast<double>(kTimeMost)) return refuse("a model's time is impossible");
    head_.created = static_cast<std::uint64_t>(given);
    timed_ = true;
    return true;
  }
  if (place_ != Place::encoding) return value();
  HowdyEncoding& encoding = models.back().encoding;
  if (numbers_ == encoding.size() || !std::isfinite(given) || std::fabs(given) > kValueMost) return refuse_here();
  encoding[numbers_++] = static_cast<float>(given);
  return true;
}

bool Taker::string(std::string& given) {
  if (skipped_ > 0 || place_ != Place::entry || key_ != "label") return value();
  head_.label = printable(given);
  labelled_ = true;
  return head_.label.size() <= limits::kLabelMax || refuse("a model's label is too long");
}

bool Taker::start_object(std::size_t /*unused*/) {
  if (skipped_ > 0 || (place_ == Place::entry && value())) return skip();
  if (place_ != Place::list) return refuse_here();
  place_ = Place::entry;
  timed_ = labelled_ = false;
  first_ = models.size();
  return true;
}

bool Taker::end_object() {
  if (skipped_ == 0) return end_entry();
  --skipped_;
  return true;
}

bool Taker::end_entry() {
  place_ = Place::list;
  if (!timed_) return refuse("a model has no time");
  if (!labelled_) return refuse("a model has no label");
  if (first_ == models.size()) return refuse("a model has no encodings");
  for (std::size_t i = first_; i < models.size(); ++i) {
    models[i].label = head_.label;
    models[i].created = head_.created;
  }
  return true;
}

bool Taker::start_array(std::size_t /*unused*/) {
  if (skipped_ > 0) return skip();
  switch (place_) {
    case Place::file:
      place_ = Place::list;
      return true;
    case Place::entry:
      if (key_ == "data") {
        place_ = Place::encodings;
        return true;
      }
      return value() && skip();
    case Place::encodings:
      if (models.size() == kHowdyModelsMost) return refuse("it has more models than a user may have");
      models.emplace_back();
      numbers_ = 0;
      place_ = Place::encoding;
      return true;
    default:
      return refuse_here();
  }
}

bool Taker::end_array() {
  if (skipped_ > 0) {
    --skipped_;
    return true;
  }
  if (place_ == Place::encoding && numbers_ != models.back().encoding.size()) return refuse_here();
  place_ = place_ == Place::encoding ? Place::encodings : place_ == Place::encodings ? Place::entry : Place::file;
  return true;
}

}  // namespace

Result<std::vector<HowdyModel>> parse_howdy(std::string_view text) {
  if (text.size() > kHowdyFileMost) return unlike("it is too large");
  Taker taker;
  if (!nlohmann::json::sax_parse(text, &taker)) return unlike(taker.wrong);
  return std::move(taker.models);
}

std::string howdy_user(std::string_view file_name) {
  if (file_name.size() <= kEnding.size() || !file_name.ends_with(kEnding)) return "";
  const std::string_view name = file_name.substr(0, file_name.size() - kEnding.size());
  if (name.size() > limits::kUserNameMax || name.front() == '-' || name.front() == '.') return "";
  if (name.find('/') != std::string_view::npos || printable(name) != name) return "";
  return std::string(name);
}

}  // namespace faceauth::enroll
