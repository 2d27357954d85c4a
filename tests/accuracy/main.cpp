// faceauth-eval: the product's own pipeline over folders of faces, and its error rates with intervals.
#include <faced/auth/calibration.h>
#include <faced/auth/quality_gate.h>
#include <tests/accuracy/attempts.h>
#include <tests/accuracy/attention.h>
#include <tests/accuracy/calibrate.h>
#include <tests/accuracy/dataset.h>
#include <tests/accuracy/encode.h>
#include <tests/accuracy/gallery.h>
#include <tests/accuracy/levels.h>
#include <tests/accuracy/liveness.h>
#include <tests/accuracy/pairs.h>
#include <tests/accuracy/plot.h>
#include <tests/accuracy/workers.h>

#include <faceauth/version.h>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cctype>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace faceauth::eval {
namespace {

enum Exit { kDone = 0, kUsage = 2, kNoInput = 5, kInternal = 70 };

struct Options {
  std::string models, encoder_file, plot, level, degrade = "none", half = "all";
  Encoder encoder = shipped_encoder();  // that encoder_file describes
  bool json = false, no_cache = false, write = false;
  unsigned jobs = 0;
  std::string directory, csv, root = ".";
  std::vector<std::string> groups;
  std::size_t at_least = 1;
  AttemptsPlan plan;
};

Result<EncodeOptions> encode_options(const Options& options) {
  EncodeOptions out{{options.models, options.encoder}, options.jobs, {}};
  if (options.no_cache) return out;
  Result<Cache> cache = Cache::open();
  if (!cache) return fail(std::move(cache));
  out.cache = *std::move(cache);
  return out;
}

AttemptsPlan plan_of(const Options& options) {
  AttemptsPlan plan = options.plan;
  plan.calibration = options.encoder.calibration;
  return plan;
}

void tell_passed(const std::vector<std::string>& passed) {
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < passed.size() && i < kShown; ++i)
    fmt::print(stderr, "faceauth-eval: {} holds no picture; passed over\n", passed[i]);
  if (passed.size() > kShown) fmt::print(stderr, "faceauth-eval: and {} more\n", passed.size() - kShown);
}

Half half_asked(const Options& options) {
  return options.half == "fit" ? Half::fit : options.half == "report" ? Half::report : Half::all;
}

// The people of the directory, or of the half of them that was asked for.
Result<Dataset> people_of(const Options& options) {
  Result<Dataset> data = read_people(options.directory);
  if (!data) return data;
  tell_passed(data->passed);
  keep_half(*data, half_asked(options));
  std::erase_if(data->people, [&options](const Person& person) { return person.images.size() < options.at_least; });
  drop_unused_files(*data);
  if (data->people.empty()) return fail(Errc::not_found, "nobody is left in that half, or with so many images");
  return data;
}

Json fta_of(std::span<const Sight> sights) {
  return sights.empty() ? Json(nullptr)
                        : Json(static_cast<double>(not_encoded(sights)) / static_cast<double>(sights.size()));
}

// Leaves out the levels that were not asked for, wherever levels are told apart.
void keep_level(Json& json, const std::string& level) {
  if (level.empty()) return;
  for (auto& [key, value] : json.items()) {
    if (!value.is_object()) continue;
    if (!value.contains(level)) {
      keep_level(value, level);
      continue;
    }
    for (const MatchLevel other : kAllLevels)
      if (level != name_of(other)) value.erase(name_of(other));
  }
}

Result<Json> run_gallery(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  const Result<Dataset> data = people_of(options);
  if (!data) return tl::unexpected<Error>(data.error());
  const Result<std::vector<Sight>> sights = encode_files(*encode, data->files);
  if (!sights) return tl::unexpected<Error>(sights.error());
  std::vector<Shot> shots;
  for (std::uint32_t person = 0; person < data->people.size(); ++person)
    for (const std::size_t i : data->people[person].images)
      if ((*sights)[i].encoded) shots.push_back({&(*sights)[i].encodings, person});
  GalleryReport report =
      compare_gallery(shots, data->people.size(), jobs_or_all(options.jobs), options.encoder.calibration);
  Json json = {{"images", data->files.size()}, {"people", data->people.size()}, {"fta", fta_of(*sights)}};
  const std::size_t pairs = shots.size() * (shots.size() - std::min<std::size_t>(shots.size(), 1)) / 2;
  const std::size_t genuine = report.rankings.front().ranking.genuine_count();
  json["genuine"] = genuine;
  json["impostor"] = pairs - genuine;
  json.update(report.json);
  keep_level(json, options.level);
  if (!options.plot.empty())
    if (Result<void> drawn = plot_rankings(options.plot, options.directory, report.rankings, table_of(json)); !drawn)
      return fail(std::move(drawn));
  return json;
}

Result<Json> run_attempts(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  const Result<Dataset> data = people_of(options);
  if (!data) return tl::unexpected<Error>(data.error());
  const Result<std::vector<Sight>> enrolled = encode_files(*encode, data->files);
  if (!enrolled) return tl::unexpected<Error>(enrolled.error());
  const Way way{.liveness = false, .degrade = degrade_by_name(options.degrade).value_or(Degrade::none)};
  const Result<std::vector<Sight>> seen =
      way.degrade == Degrade::none ? enrolled : encode_files(*encode, data->files, way);
  if (!seen) return tl::unexpected<Error>(seen.error());
  AttemptsReport report = judge_attempts(*data, *enrolled, *seen, plan_of(options));
  report.json["fta"] = fta_of(*seen);
  keep_level(report.json, options.level);
  if (!options.plot.empty())
    if (Result<void> drawn = plot_rankings(options.plot, options.directory, report.rankings, table_of(report.json));
        !drawn)
      return fail(std::move(drawn));
  return std::move(report.json);
}

// What registering from each picture would come to: every folder below, and the directory itself.
Result<Json> run_enrolment(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  std::vector<std::string> passed, files = pictures_in(options.directory, passed);
  for (const std::string& folder : folders_in(options.directory))
    for (std::string& file : pictures_in(folder, passed)) files.push_back(std::move(file));
  if (files.empty()) return fail(Errc::not_found, options.directory + " holds no picture");
  tell_passed(passed);
  const Result<std::vector<Sight>> sights = encode_files(*encode, files);
  if (!sights) return tl::unexpected<Error>(sights.error());
  Json json = {{"images", files.size()}, {"fta", fta_of(*sights)}};
  std::map<std::string, std::size_t> refused;
  std::size_t enrolled = 0;
  for (const Sight& sight : *sights) {
    const FaceIssue issue = gate_for_enrolment(sight);
    if (issue == FaceIssue::none && sight.encoded)
      ++enrolled;
    else
      ++refused[face_issue_name(issue)];
  }
  json["enrolled"] = enrolled;
  json["refused"] = refused;
  return json;
}

Result<Json> run_pairs(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  const Result<PairList> list = read_pairs(options.csv, options.root);
  if (!list) return tl::unexpected<Error>(list.error());
  const Result<std::vector<Sight>> sights = encode_files(*encode, list->files);
  if (!sights) return tl::unexpected<Error>(sights.error());
  if (!options.plot.empty()) return fail(Errc::invalid_argument, "pairs has nothing to draw");
  Json json = judge_pairs(*list, *sights, options.encoder.calibration);
  json["fta"] = fta_of(*sights);
  keep_level(json, options.level);
  return json;
}

Result<Json> run_liveness(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  Result<Json> json = judge_liveness(*encode, options.directory);
  if (!json || options.plot.empty()) return json;
  if (Result<void> drawn =
          plot_curves(options.plot, options.directory, "threshold of the frames, median of a group", curves_of(*json));
      !drawn)
    return fail(std::move(drawn));
  return json;
}

Result<Json> run_attention(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  if (!options.plot.empty()) return fail(Errc::invalid_argument, "attention has nothing to draw");
  if (!options.csv.empty()) return judge_attention(*encode, options.csv, options.directory, half_asked(options));
  const Result<Dataset> data = people_of(options);
  return data ? judge_attentive_logins(*encode, *data) : tl::unexpected<Error>(data.error());
}

std::string name_of_folder(const std::string& directory) {
  std::string name = (std::filesystem::path(directory) / "").parent_path().filename();
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  return name;
}

Result<People> people_with_sights(const EncodeOptions& encode, const std::string& directory) {
  Result<Dataset> data = read_people(directory);
  if (!data) return fail(std::move(data));
  tell_passed(data->passed);
  Result<std::vector<Sight>> sights = encode_files(encode, data->files);
  if (!sights) return fail(std::move(sights));
  return People{name_of_folder(directory), *std::move(data), *std::move(sights)};
}

// Appears whole or not at all; the owner and the name stay.
Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::ofstream out(part, std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::permissions(part, std::filesystem::status(path).permissions(), error);
  if (out && !error) std::filesystem::rename(part, path, error);
  if (out && !error) return {};
  std::filesystem::remove(part, error);
  return fail(Errc::io, path + " cannot be written");
}

std::string text_of_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<void> write_block(const std::string& path, const std::string& block) {
  const std::string text = with_block(text_of_file(path), block);
  if (const Result<Encoder> read = parse_encoder(text, path); !read) return tl::unexpected<Error>(read.error());
  return replace_file(path, text);
}

// Whatever calibration it has is to be replaced, one that no longer fits it above all.
Result<Encoder> encoder_to_calibrate(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return fail(Errc::not_found, path + " cannot be read");
  return parse_encoder(with_block(text_of_file(path), ""), path);
}

Result<Json> run_calibrate(const Options& options) {
  const Result<EncodeOptions> encode = encode_options(options);
  if (!encode) return tl::unexpected<Error>(encode.error());
  if (options.write && options.encoder_file.empty())
    return fail(Errc::invalid_argument, "--write writes into the file that --encoder names");
  Result<People> main = people_with_sights(*encode, options.directory);
  if (!main) return fail(std::move(main));
  std::vector<People> groups;
  std::string data = main->name;
  for (const std::string& directory : options.groups) {
    Result<People> group = people_with_sights(*encode, directory);
    if (!group) return fail(std::move(group));
    data += (groups.empty() ? "; hard groups: " : ", ") + group->name;
    groups.push_back(*std::move(group));
  }
  Result<Calibrated> made = calibrate(*main, groups, options.plan);
  if (!made) return fail(std::move(made));
  const std::string today = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  const std::string block = calibration_block(options.encoder, *made, today, data);
  if (options.write)
    if (Result<void> written = write_block(options.encoder_file, block); !written) return fail(std::move(written));
  made->json["block"] = block;
  return std::move(made->json);
}

int finish(const Options& options, Result<Json> json) {
  if (!json) {
    fmt::print(stderr, "faceauth-eval: {}\n", json.error().message);
    const bool no_input = json.error().code == Errc::not_found || json.error().code == Errc::corrupt;
    return json.error().code == Errc::invalid_argument ? kUsage : no_input ? kNoInput : kInternal;
  }
  (*json)["encoder"] = options.encoder.name();
  if (!options.encoder.calibration) (*json)["calibration"] = calibration::version;
  if (options.json) {
    fmt::print("{}\n", json->dump(2));
    return kDone;
  }
  const std::string block = json->value("block", "");
  json->erase("block");
  fmt::print("{}{}{}", table_of(*json), block.empty() ? "" : "\n", block);
  return kDone;
}

int run(int argc, char** argv) {
  Options options;
  options.models = std::filesystem::absolute(argv[0]).parent_path().parent_path().parent_path() / "models";
  CLI::App app{
      "Error rates of faceauth's own pipeline, with intervals at 95 %. Encodings are kept in the user's cache."};
  app.set_version_flag("--version", std::string(kVersionText));
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", options.json, "one JSON object on stdout");
  app.add_option("--plot", options.plot, "draw the curves into this .svg or .png");
  app.add_option("--level", options.level, "only this level")
      ->check(CLI::IsMember({"convenient", "balanced", "strict"}));
  app.add_option("--models", options.models, "where the models are");
  app.add_option("--encoder", options.encoder_file, "the description of another encoder (docs/MODELS.md)");
  app.add_option("--jobs", options.jobs, "threads (default: one per processor)");
  app.add_flag("--no-cache", options.no_cache, "keep no encodings and use none");

  CLI::App* gallery = app.add_subcommand("gallery", "all images against all: DIR/<person>/<image>");
  gallery->add_option("DIR", options.directory)->required();
  CLI::App* attempts = app.add_subcommand("attempts", "logins: the first K images enrolled, the rest in attempts of N");
  attempts->add_option("DIR", options.directory)->required();
  attempts->add_option("--templates", options.plan.templates, "K")->check(CLI::Range(1, 64));
  attempts->add_option("--frames", options.plan.frames, "N")->check(CLI::Range(1, 64));
  attempts
      ->add_option("--adapt", options.plan.adapt, "let at most so many attempts of the person's own join, a day apart")
      ->check(CLI::Range(0, 8));
  attempts->add_option("--degrade", options.degrade, "make the frames of the attempts worse")
      ->check(CLI::IsMember(std::vector<std::string>(kDegradeNames.begin(), kDegradeNames.end())));
  CLI::App* calibrate = app.add_subcommand(
      "calibrate", "thresholds for an encoder, fitted on half of the people and judged on the other half");
  calibrate->add_option("DIR", options.directory)->required();
  calibrate->add_option("--group", options.groups, "people of one population, who are hard to tell apart (repeatable)");
  calibrate->add_option("--templates", options.plan.templates, "K")->check(CLI::Range(1, 64));
  calibrate->add_option("--frames", options.plan.frames, "N")->check(CLI::Range(1, 64));
  calibrate->add_flag("--write", options.write, "put the calibration into the encoder's description");
  CLI::App* attention = app.add_subcommand("attention", "who looks at the camera: DIR/<person>/<image>");
  attention->add_option("DIR", options.directory)->required();
  attention->add_option("--labels", options.csv, "frames below DIR, labelled by eye: path,first,last,label");
  for (CLI::App* verb : {gallery, attempts, attention})
    verb->add_option("--half", options.half, "half of the people: the one thresholds were chosen on, or the other")
        ->check(CLI::IsMember({"all", "fit", "report"}));
  attempts->add_option("--at-least", options.at_least, "only people with so many images");
  CLI::App* pairs = app.add_subcommand("pairs", "pairs of a CSV file: path,path,0 or 1[,kind]");
  pairs->add_option("FILE", options.csv)->required();
  pairs->add_option("--root", options.root, "what the paths are relative to");
  CLI::App* enrolment = app.add_subcommand("enrolment", "which pictures could be registered, and why the others not");
  enrolment->add_option("DIR", options.directory)->required();
  CLI::App* liveness = app.add_subcommand("liveness", "DIR/real and DIR/attack: clips, or folders of images");
  liveness->add_option("DIR", options.directory)->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  if (!options.encoder_file.empty()) {
    options.encoder_file = std::filesystem::absolute(options.encoder_file);
    Result<Encoder> encoder = calibrate->parsed() ? encoder_to_calibrate(options.encoder_file)
                                                  : load_calibrated_encoder(options.encoder_file);
    if (!encoder) return finish(options, fail(std::move(encoder)));
    options.encoder = *std::move(encoder);
  }
  if (calibrate->parsed()) return finish(options, run_calibrate(options));
  if (gallery->parsed()) return finish(options, run_gallery(options));
  if (attempts->parsed()) return finish(options, run_attempts(options));
  if (enrolment->parsed()) return finish(options, run_enrolment(options));
  if (attention->parsed()) return finish(options, run_attention(options));
  if (pairs->parsed()) return finish(options, run_pairs(options));
  return finish(options, run_liveness(options));
}

}  // namespace
}  // namespace faceauth::eval

int main(int argc, char** argv) {
  try {
    return faceauth::eval::run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "faceauth-eval: %s\n", e.what());
    return faceauth::eval::kInternal;
  }
}
