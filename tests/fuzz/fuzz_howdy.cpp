// A file of Howdy's models, which root hands to enroll-tool and others may have written.
#include "fuzz.h"

#include <enroll-tool/howdy_models.h>
#include <enroll-tool/words.h>
#include <faceauth/limits.h>

#include <cmath>
#include <string_view>

using namespace faceauth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string user = enroll::howdy_user(text);
  fuzz::must(user.size() <= limits::kUserNameMax && user.find('/') == std::string::npos, "a name is a name");
  const auto models = enroll::parse_howdy(text);
  if (!models) return 0;
  fuzz::must(models->size() <= enroll::kHowdyModelsMost, "no more than a user may have");
  for (const enroll::HowdyModel& model : *models) {
    fuzz::must(model.label.size() <= limits::kLabelMax, "a label fits");
    fuzz::must(enroll::printable(model.label) == model.label, "a label steers no terminal");
    for (const float value : model.encoding) fuzz::must(std::isfinite(value), "numbers are numbers");
  }
  return 0;
}
