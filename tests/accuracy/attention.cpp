#include <faced/auth/attention.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/thresholds.h>
#include <faced/auth/verifier.h>
#include <tests/accuracy/attention.h>
#include <tests/accuracy/clip.h>
#include <tests/accuracy/workers.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace faceauth::eval {
namespace {

constexpr std::array kLabels = {"open", "shut", "half", "hidden", "away"};
constexpr std::size_t kFramesMost = 10'000;
constexpr int kCurve[] = {1, 2, 3, 5, 10, 20, 30, 50};  // hundredths of openness

struct Span {
  std::size_t first = 0, last = 0;
  std::string label;
};

struct Labelled {
  std::string path, person;
  std::vector<Span> spans;
};

struct Seen {
  std::string file, label;
  Sight sight;
};

Error malformed(const std::string& list, int line) {
  return {Errc::invalid_argument, fmt::format("{}:{}: expected path,first,last,label", list, line)};
}

Result<std::vector<Labelled>> read_labels(const std::string& list, const std::string& root) {
  std::ifstream in(list);
  if (!in) return fail(Errc::not_found, list + " cannot be read");
  std::map<std::string, Labelled> files;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    std::string path, first, last;
    Span span;
    if (!std::getline(fields, path, ',') || !std::getline(fields, first, ',') || !std::getline(fields, last, ',') ||
        !std::getline(fields, span.label) || std::ranges::find(kLabels, span.label) == kLabels.end())
      return tl::unexpected(malformed(list, number));
    span.first = std::strtoul(first.c_str(), nullptr, 10);
    span.last = std::strtoul(last.c_str(), nullptr, 10);
    if (span.last < span.first || span.last >= kFramesMost) return tl::unexpected(malformed(list, number));
    Labelled& file = files[path];
    const std::filesystem::path named(path);
    file.path = root + "/" + path;
    file.person = is_clip(path) ? named.filename().string() : named.parent_path().filename().string();
    file.spans.push_back(std::move(span));
  }
  std::vector<Labelled> all;
  for (auto& [path, file] : files) all.push_back(std::move(file));
  return all;
}

const Span* span_at(const Labelled& file, std::size_t frame) {
  for (const Span& span : file.spans)
    if (span.first <= frame && frame <= span.last) return &span;
  return nullptr;
}

Result<void> look(const Labelled& file, LazyAnalyser& lazy, std::vector<Seen>& seen) {
  Result<vision::Analyser*> analyser = lazy.get();
  if (!analyser) return fail(std::move(analyser));
  const auto last = std::ranges::max_element(file.spans, {}, &Span::last)->last;
  std::size_t i = 0;
  return for_each_frame(file.path, [&](const cv::Mat& bgr) {
    if (const Span* span = span_at(file, i))
      seen.push_back({file.path, span->label,
                      (*analyser)->analyse(bgr, {.encode = true, .liveness = true, .largest_only = true})});
    return i++ < last;
  });
}

// Of frames that a login would otherwise use.
struct Count {
  std::size_t frames = 0, unusable = 0, turned = 0, shut = 0;
};

void add(Count& count, const AttentionPolicy& policy, const Sight& sight) {
  ++count.frames;
  if (gate_for_login(sight) != FaceIssue::none || !sight.encoded) {
    ++count.unusable;
    return;
  }
  const FaceIssue issue = attention_issue(policy, sight);
  if (issue == FaceIssue::turned_away) ++count.turned;
  if (issue == FaceIssue::eyes_shut) ++count.shut;
}

Json json_of_count(const Count& c) {
  const std::size_t usable = c.frames - c.unusable;
  Json json = {{"frames", c.frames}, {"unusable", c.unusable}, {"turned_away", c.turned}, {"eyes_shut", c.shut}};
  json["refused"] = usable > 0 ? Json(static_cast<double>(c.turned + c.shut) / static_cast<double>(usable)) : Json();
  return json;
}

Json report(const std::vector<std::vector<Seen>>& files) {
  Config config;
  const AttentionPolicy shipped = attention_policy(config);
  std::map<std::string, Count> labels;
  std::map<std::string, std::map<std::string, Count>> of_files;
  Json curve = Json::array();
  for (const auto& file : files)
    for (const Seen& one : file) {
      add(labels[one.label], shipped, one.sight);
      if (is_clip(one.file)) add(of_files[std::filesystem::path(one.file).filename()][one.label], shipped, one.sight);
    }
  for (const int least : kCurve) {
    AttentionPolicy policy = shipped;
    policy.eyes_open = static_cast<float>(least) / 100;
    std::map<std::string, Count> counts;
    for (const auto& file : files)
      for (const Seen& one : file) add(counts[one.label], policy, one.sight);
    Json point = {{"eyes_open", policy.eyes_open}};
    for (const auto& [label, count] : counts) point[label] = count.shut;
    curve.push_back(std::move(point));
  }
  Json json = {{"eyes_open", shipped.eyes_open}, {"yaw_deg", shipped.yaw_deg}, {"pitch_deg", shipped.pitch_deg}};
  for (const auto& [label, count] : labels) json["labels"][label] = json_of_count(count);
  for (const auto& [file, counts] : of_files)
    for (const auto& [label, count] : counts) json["clips"][file][label] = json_of_count(count);
  json["curve"] = std::move(curve);
  return json;
}

// Pictures of one login, and how many of them it needs.
constexpr std::size_t kPictures = 5, kNeeded = 3;

}  // namespace

Result<Json> judge_attentive_logins(const EncodeOptions& options, const Dataset& people) {
  const Result<std::vector<Sight>> sights = encode_files(options, people.files, Way{.liveness = true});
  if (!sights) return tl::unexpected<Error>(sights.error());
  const AttentionPolicy policy = attention_policy(Config{});
  Count all;
  std::size_t logins = 0, refused = 0, people_refused = 0;
  for (const Person& person : people.people) {
    for (const std::size_t image : person.images) add(all, policy, (*sights)[image]);
    const std::size_t before = refused;
    for (std::size_t from = 0; from + kPictures <= person.images.size(); from += kPictures) {
      Count own;
      for (std::size_t i = from; i < from + kPictures; ++i) add(own, policy, (*sights)[person.images[i]]);
      const std::size_t usable = own.frames - own.unusable;
      if (usable < kNeeded) continue;
      ++logins;
      if (usable - own.turned - own.shut < kNeeded) ++refused;
    }
    if (refused > before) ++people_refused;
  }
  return Json{{"pictures", json_of_count(all)},
              {"people", people.people.size()},
              {"people_refused", people_refused},
              {"logins", logins},
              {"logins_refused", refused}};
}

Result<Json> judge_attention(const EncodeOptions& options, const std::string& list, const std::string& root,
                             Half half) {
  Result<std::vector<Labelled>> files = read_labels(list, root);
  if (!files) return fail(std::move(files));
  std::erase_if(*files, [half](const Labelled& f) { return half != Half::all && half_of(f.person) != half; });
  std::vector<std::string> pictures;
  for (const Labelled& file : *files)
    if (!is_clip(file.path)) pictures.push_back(file.path);
  Result<std::vector<Sight>> sights = encode_files(options, pictures, Way{.liveness = true});
  if (!sights) return fail(std::move(sights));
  std::vector<std::vector<Seen>> seen(files->size());
  std::size_t picture = 0;
  for (std::size_t i = 0; i < files->size(); ++i)
    if (const Labelled& file = (*files)[i]; !is_clip(file.path))
      seen[i].push_back({file.path, file.spans.front().label, (*sights)[picture++]});
  Result<void> done = for_each_item(options.models, options.jobs, "looking", files->size(),
                                    [&](LazyAnalyser& analyser, std::size_t i) -> Result<void> {
                                      if (!is_clip((*files)[i].path)) return {};
                                      return look((*files)[i], analyser, seen[i]);
                                    });
  if (!done) return fail(std::move(done));
  return report(seen);
}

}  // namespace faceauth::eval
