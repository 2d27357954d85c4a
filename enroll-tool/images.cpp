#include <enroll-tool/file.h>
#include <enroll-tool/images.h>
#include <enroll-tool/words.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

namespace faceauth::enroll {

namespace {

Result<Image> open_image(const std::string& path) {
  // Non-blocking, so that a FIFO or a device cannot hang the tool.
  Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return fail(Errc::no_usable_face, fmt::format("{}: cannot be opened: {}", path, reason()));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return fail(Errc::no_usable_face, fmt::format("{}: not a regular file; name a photo", path));
  return Image{path, std::move(fd)};
}

}  // namespace

Result<std::vector<Image>> open_images(const std::vector<std::string>& paths) {
  if (paths.size() > limits::kEnrollImagesMax)
    return fail(Errc::invalid_argument, fmt::format("{} photos are too many at once; at most {} are taken",
                                                    paths.size(), limits::kEnrollImagesMax));
  std::vector<Image> images;
  for (const std::string& path : paths) {
    Result<Image> image = open_image(path);
    if (!image) return fail(std::move(image));
    images.push_back(std::move(*image));
  }
  return images;
}

Result<std::optional<BadImage>> send_images(Connection& connection, const std::vector<Image>& images,
                                            AfterBad after_bad) {
  std::optional<BadImage> bad;
  for (const Image& image : images) {
    if (auto sent = connection.send(wire::Type::image, wire::Empty{}, image.fd.get()); !sent)
      return fail(std::move(sent));
    auto result = connection.expect<wire::ImageResult>(wire::Type::image_result, kPhotoWithin);
    if (!result && result.error().code == Errc::no_usable_face) return fail_in(image.path, result.error());
    if (!result) return fail(std::move(result));
    if (result->issue == FaceIssue::none) continue;
    if (!bad) bad = BadImage{image.path, result->issue};
    if (after_bad == AfterBad::stop) break;
  }
  return bad;
}

Error error_of(const BadImage& bad) {
  return {Errc::no_usable_face, fmt::format("{}: {}", bad.path, photo_advice(bad.issue))};
}

const char* Guide::advice(FaceIssue issue) const {
  const bool turns = pose_ && *pose_ != Pose::straight;
  if (turns && issue == FaceIssue::turned_away) return "not as far as that: a little is enough";
  return camera_advice(issue);
}

std::string Guide::pose_advice() const {
  if (!pose_) return "";
  return pose_words(*pose_);
}

bool Guide::tell(Answer answer) {
  const auto notice = Connection::decoded<wire::NoticeBody>(answer, wire::Type::notice);
  if (!notice) return false;
  switch (notice->code) {
    case wire::Notice::scanning:
      out_.say("The camera is on: look into it.");
      break;
    case wire::Notice::frame_issue: {
      const auto issue = static_cast<FaceIssue>(notice->detail);
      if (last_ != issue) out_.say(advice(issue));
      last_ = issue;
      break;
    }
    case wire::Notice::template_taken:
      taken_ = notice->detail;
      total_ = notice->total;
      last_.reset();
      out_.say(fmt::format("{} of {} taken{}", notice->detail, notice->total,
                           pose_ || taken_ >= total_ ? "" : "; now move your head a little"));
      break;
    case wire::Notice::weak_liveness:
      out_.warn("liveness is off in faced.toml: a photo held before the camera would be registered too");
      break;
    case wire::Notice::templates_stored:
      stored_ = notice->detail;
      break;
    case wire::Notice::somebody_else:
      if (notice->detail > 0) odd_.push_back(notice->detail - 1U);
      break;
    case wire::Notice::other_user:
      out_.warn("the face also passes for another registered user: either may log in as the other");
      break;
    case wire::Notice::pose:
      pose_ = static_cast<Pose>(notice->detail);
      if (notice->detail > kPoseLast) pose_ = Pose::straight;
      last_.reset();
      out_.say(pose_words(*pose_));
      break;
    case wire::Notice::movement:
      pose_.reset();
      out_.say(movement_words(static_cast<Movement>(notice->detail)));
      break;
  }
  return true;
}

Result<Answer> next_after_notices(Connection& connection, Guide& guide, milliseconds within) {
  const Deadline all(milliseconds{limits::kConversationMs});
  while (all.left_ms() > 0) {
    Result<Answer> answer = connection.next(within);
    if (!answer || answer->type != wire::Type::notice) return answer;
    if (!guide.tell(*answer)) return fail(Errc::protocol, error_words(Errc::protocol));
  }
  return fail(Errc::unreachable, "the daemon gave no answer in all this time; see its log");
}

}  // namespace faceauth::enroll
