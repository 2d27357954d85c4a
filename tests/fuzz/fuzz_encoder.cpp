// The description of an encoder, which comes with a network from anywhere: whatever it says, no threshold opens the
// door.
#include "fuzz.h"

#include <faced/config/encoder.h>

#include <cmath>
#include <string>
#include <string_view>

using namespace faceauth;

namespace {

void check(const EncoderInput& input) {
  fuzz::must(input.side > 0 && input.side <= 512, "the picture has a size");
  for (const float divisor : input.divide)
    fuzz::must(std::isfinite(divisor) && divisor > 0, "nothing is divided by zero");
  for (const float mean : input.mean) fuzz::must(std::isfinite(mean), "numbers are numbers");
  for (const PicturePoint& point : input.points)
    for (const auto at : point)
      fuzz::must(at >= 0 && at <= static_cast<double>(input.side), "a point lies in the picture");
}

// Unrelated unit vectors are sqrt(2) apart.
void check(const EncoderCalibration& c) {
  fuzz::must(c.strict > 0 && c.strict <= c.balanced && c.balanced <= c.convenient && c.convenient <= c.single_frame,
             "levels have an order");
  fuzz::must(c.single_frame < std::sqrt(2.0F), "a stranger is no match");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Encoder> encoder = parse_encoder(text, "/m/e.toml");
  if (!encoder) {
    fuzz::must(encoder.error().message.starts_with("/m/e.toml"), "an error names the file");
    fuzz::must(encoder.error().message.find('\n') == std::string::npos, "an error is one line");
    return 0;
  }
  fuzz::must(encoder->file.find('/') == std::string::npos && !encoder->file.starts_with('.'),
             "the network lies beside its description");
  fuzz::must(encoder->directory == "/m/", "and nowhere else");
  fuzz::must(encoder->sha256.size() == 64, "a network is pinned by its hash");
  fuzz::must(encoder->name().size() <= 47, "a name fits its field on the link");
  check(encoder->input);
  if (encoder->calibration) check(*encoder->calibration);
  return 0;
}
