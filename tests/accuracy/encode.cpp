#include <faced/util/fd.h>
#include <faced/util/trusted_file.h>
#include <faced/vision/analyser.h>
#include <faced/vision/image_decoder.h>
#include <tests/accuracy/encode.h>
#include <tests/accuracy/pipeline_digest.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace faceauth::eval {
namespace {

using Bytes = std::span<const std::uint8_t>;

Sight unreadable(FaceIssue why) {
  Sight sight;
  sight.issue = why;
  return sight;
}

Result<std::string> contents(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode))
    return fail(Errc::io, path + " cannot be read");
  return read_all(fd.get(), limits::kImageBytesMax);
}

// A picture of a given kind of damage: the size of the face is found in the good one first.
Sight analyse(vision::Analyser& analyser, Bytes file, const Way& way) {
  const vision::Picture picture = [&]() -> vision::Picture {
    try {
      return vision::decode_picture(file, {limits::kImageSideMax, limits::kImagePixelsMax});
    } catch (const std::exception&) {
      return tl::unexpected(FaceIssue::unreadable);
    }
  }();
  if (!picture) return unreadable(picture.error());
  const vision::Wants wants{.encode = true, .liveness = way.liveness, .largest_only = true};
  if (way.degrade == Degrade::none) return analyser.analyse(*picture, wants);
  const vision::Wants look{.encode = false, .liveness = false, .largest_only = true};
  const float height = way.degrade == Degrade::face_60 ? analyser.analyse(*picture, look).box[3] : 0;
  return analyser.analyse(degraded(*picture, way.degrade, height), wants);
}

// What the cached encoding of a file depends on besides the analysis.
std::string how_of(const Encoder& encoder, const Way& way) {
  const char* damage = way.degrade == Degrade::none ? "" : kDamageDigest;
  return fmt::format("{} {} {} {} {}", encoder.name(), encoder.dimensions, name_of(way.degrade), way.liveness, damage);
}

// One file; what was made of it before is not made again.
Result<void> encode_one(const EncodeOptions& options, const std::string& path, const Way& way, LazyAnalyser& lazy,
                        Sight& sight) {
  const Result<std::string> read = contents(path);
  if (!read) {
    const bool large = read.error().code == Errc::invalid_argument;
    sight = unreadable(large ? FaceIssue::too_large : FaceIssue::unreadable);
    return {};
  }
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(read->data()), read->size());
  const std::string how = how_of(options.models.encoder, way);
  if (const std::optional<Sight> known = options.cache.find(bytes, how)) {
    sight = *known;
    return {};
  }
  Result<vision::Analyser*> analyser = lazy.get();
  if (!analyser) return fail(std::move(analyser));
  sight = analyse(**analyser, bytes, way);
  // What could not be read may be readable to the next decoder, and costs little to try again.
  if (sight.issue != FaceIssue::unreadable) options.cache.keep(bytes, how, sight);
  return {};
}

}  // namespace

Result<std::vector<Sight>> encode_files(const EncodeOptions& options, std::span<const std::string> files,
                                        const Way& way) {
  std::vector<Sight> sights(files.size());
  Result<void> done = for_each_item(
      options.models, options.jobs, "encoding", files.size(),
      [&](LazyAnalyser& analyser, std::size_t i) { return encode_one(options, files[i], way, analyser, sights[i]); });
  if (!done) return fail(std::move(done));
  return sights;
}

std::size_t not_encoded(std::span<const Sight> sights) {
  return static_cast<std::size_t>(
      std::count_if(sights.begin(), sights.end(), [](const Sight& s) { return !s.encoded; }));
}

}  // namespace faceauth::eval
