#include <faced/config/encoder.h>
#include <faced/config/shipped_encoder.h>
#include <faced/config/toml_section.h>
#include <faced/util/log_format.h>
#include <faced/util/trusted_file.h>

#include <faceauth/sight.h>

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <exception>
#include <initializer_list>

namespace faceauth {
namespace {

using config_detail::Choice;
using config_detail::Reading;
using config_detail::Section;

constexpr std::size_t kFileMax = 64U << 10;
constexpr std::size_t kWordsMax = 1000;
constexpr std::size_t kSha256Digits = 64, kNameDigits = 16;
constexpr std::uint32_t kSideLeast = 32, kSideMost = 512;
// In fewer, unrelated faces lie near each other by chance alone, and no threshold keeps one in 10,000 out.
constexpr std::uint32_t kDimensionsLeast = 64;
constexpr double kPixelMost = 255;
constexpr std::array<Choice<bool>, 2> kChannels{{{"rgb", true}, {"bgr", false}}};

// A slip must not open the door: unrelated unit vectors are sqrt(2) apart.
constexpr double kThresholdMost = 1.3, kSingleFrameMost = 1.4, kDistanceLeast = 0.001;
constexpr std::uint32_t kCountMost = 1'000'000'000;

std::optional<std::string> words(const std::string& value) {
  if (!value.empty() && value.size() <= kWordsMax) return std::nullopt;
  return fmt::format("words, at most {} bytes of them", kWordsMax);
}

std::optional<std::string> file_name(const std::string& value) {
  const bool fine =
      !value.empty() && value.size() <= NAME_MAX && value.front() != '.' &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '/'; });
  if (fine) return std::nullopt;
  return "the name of a file that lies beside this one";
}

std::optional<std::string> sha256(const std::string& value) {
  const bool fine = value.size() == kSha256Digits && std::all_of(value.begin(), value.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (fine) return std::nullopt;
  return "64 hexadecimal digits in lower case, as sha256sum prints them";
}

std::optional<std::string> date(const std::string& value) {
  const bool fine = value.size() == 10 &&
                    std::all_of(value.begin(), value.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
  if (fine) return std::nullopt;
  return "a day like \"2024-02-29\"";
}

std::string stem_of(const std::string& file) { return file.substr(0, file.rfind('.')); }

// FNV-1a, to tell inputs apart that differ by a slip or on purpose. Whoever could make two collide writes the file.
std::uint32_t digest_of(const EncoderInput& input) {
  std::string text = fmt::format("{} {}", input.side, input.rgb);
  for (const auto* channels : {&input.mean, &input.divide})
    for (const float v : *channels) text += fmt::format(" {:.6g}", v);
  for (const PicturePoint& point : input.points) text += fmt::format(" {:.6g} {:.6g}", point[0], point[1]);
  std::uint32_t digest = 0x811C9DC5;
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x01000193U;
  return digest;
}

void require(Section& section, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (!section.has(key))
      section.refuse(Errc::invalid_argument, key,
                     fmt::format("{}.{} is missing; docs/MODELS.md shows a whole file", section.name(), key));
}

class Parser {
 public:
  Parser(Reading& reading, const toml::table& root) : reading_(reading), root_(root) {}

  Encoder parse() {
    static constexpr std::array<std::string_view, 4> kTables{"encoder", "input", "alignment", "calibration"};
    config_detail::refuse_unknown_tables(reading_, root_, kTables);
    encoder();
    input();
    alignment();
    if (root_.contains("calibration")) calibration();
    return std::move(encoder_);
  }

 private:
  void encoder() {
    Section section = Section::in(reading_, root_, "encoder");
    require(section, {"file", "sha256", "licence", "provenance", "dimensions"});
    std::uint32_t dimensions = 0;
    section.text("file", encoder_.file, file_name);
    section.text("sha256", encoder_.sha256, sha256);
    section.text("licence", encoder_.licence, words);
    section.text("provenance", encoder_.provenance, words);
    section.integer("dimensions", dimensions, kDimensionsLeast, kFeatureDims);
    encoder_.dimensions = dimensions;
    section.finish();
  }

  void input() {
    Section section = Section::in(reading_, root_, "input");
    require(section, {"size", "channels", "mean", "divide"});
    EncoderInput& input = encoder_.input;
    section.integer("size", input.side, kSideLeast, kSideMost);
    section.choice("channels", input.rgb, kChannels);
    section.numbers("mean", input.mean, 0, kPixelMost);
    section.numbers("divide", input.divide, kDistanceLeast, 10 * kPixelMost);
    section.finish();
  }

  void alignment() {
    Section section = Section::in(reading_, root_, "alignment");
    static constexpr std::array<const char*, 5> kNames{"left_eye", "right_eye", "nose", "mouth_left", "mouth_right"};
    EncoderInput& input = encoder_.input;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      require(section, {kNames[i]});
      section.numbers(kNames[i], input.points[i], 0, static_cast<double>(input.side));
    }
    section.finish();
    const PicturePoint &left = input.points[0], &right = input.points[1], &mouth = input.points[3];
    if (left[0] >= right[0] || mouth[1] <= left[1])
      section.refuse(Errc::invalid_argument, "left_eye",
                     "alignment.left_eye is not left of right_eye and above the mouth, as one sees the picture");
  }

  void calibration() {
    Section section = Section::in(reading_, root_, "calibration");
    require(section, {"encoder", "data", "people", "images", "date", "convenient", "balanced", "strict", "per_decade",
                      "single_frame", "identify_margin"});
    EncoderCalibration own;
    std::string made_for, data, day;
    std::uint32_t people = 0, images = 0;
    section.text("encoder", made_for, words);
    section.text("data", data, words);
    section.integer("people", people, 1, kCountMost);
    section.integer("images", images, 1, kCountMost);
    section.text("date", day, date);
    distance(section, "convenient", own.convenient, kThresholdMost);
    distance(section, "balanced", own.balanced, kThresholdMost);
    distance(section, "strict", own.strict, kThresholdMost);
    distance(section, "per_decade", own.per_decade, 1);
    distance(section, "single_frame", own.single_frame, kSingleFrameMost);
    distance(section, "identify_margin", own.identify_margin, 1);
    section.finish();
    if (!(own.strict <= own.balanced && own.balanced <= own.convenient && own.convenient <= own.single_frame))
      section.refuse(Errc::invalid_argument, "strict",
                     "calibration: expected strict <= balanced <= convenient <= single_frame");
    if (reading_.good() && made_for != encoder_.name())
      section.refuse(Errc::invalid_argument, "encoder",
                     fmt::format("calibration.encoder is \"{}\", but this file describes {}: calibrate it again",
                                 log::sanitised(made_for), encoder_.name()));
    encoder_.calibration = own;
  }

  static void distance(Section& section, std::string_view key, float& out, double most) {
    double value = 0;
    section.number(key, value, kDistanceLeast, most);
    out = static_cast<float>(value);
  }

  Reading& reading_;
  const toml::table& root_;
  Encoder encoder_;
};

}  // namespace

std::string Encoder::name() const {
  constexpr std::size_t kUsualStem = 30, kStem = 21;  // so that a name fits its 47 bytes on the link to the eye
  const std::string hash = sha256.substr(0, kNameDigits);
  if (input == EncoderInput{}) return fmt::format("{}:{}", stem_of(file).substr(0, kUsualStem), hash);
  return fmt::format("{}:{}:{:08x}", stem_of(file).substr(0, kStem), hash, digest_of(input));
}

const Encoder& shipped_encoder() {
  static const Encoder shipped = [] {
    Encoder encoder = parse_encoder(config_detail::kShippedEncoder, "/models/fr_feature.toml").value();
    encoder.directory.clear();
    return encoder;
  }();
  return shipped;
}

Result<Encoder> parse_encoder(std::string_view text, const std::string& file) {
  Reading reading(file);
  try {
    const toml::table root = toml::parse(text, file);
    Encoder encoder = Parser(reading, root).parse();
    if (!reading.good()) return fail(reading.error()->code, reading.error()->message);
    const std::size_t slash = file.rfind('/');
    encoder.directory = slash == std::string::npos ? "." : file.substr(0, slash + 1);
    return encoder;
  } catch (const toml::parse_error& e) {
    return fail(Errc::invalid_argument,
                reading.place(e.source().begin.line) + ": not TOML: " + log::sanitised(e.description()));
  } catch (const std::exception& e) {
    return fail(Errc::internal, file + ": " + e.what());
  }
}

Result<Encoder> load_encoder(const std::string& file) {
  auto fd = open_trusted(file);
  if (!fd) return fail_in("reading the encoder's description", fd.error());
  const auto text = read_all(fd->get(), kFileMax);
  if (!text) return fail_in("reading the encoder's description " + file, text.error());
  return parse_encoder(*text, file);
}

Result<Encoder> load_calibrated_encoder(const std::string& file) {
  Result<Encoder> encoder = load_encoder(file);
  if (encoder && !encoder->calibration && encoder->name() != shipped_encoder().name())
    return fail(Errc::invalid_argument,
                file +
                    ": [calibration] is missing, and other networks' thresholds do not fit this one; "
                    "\"faceauth-eval calibrate\" makes it");
  return encoder;
}

}  // namespace faceauth
