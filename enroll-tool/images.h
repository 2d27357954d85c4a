// Photos that travel to the keeper as open descriptors. This process never reads a byte of them.
#pragma once

#include <enroll-tool/connection.h>
#include <enroll-tool/output.h>
#include <faceauth/pose.h>

#include <optional>
#include <string>
#include <vector>

namespace faceauth::enroll {

struct Image {
  std::string path;
  Fd fd;
};

// All or none. Errors: invalid_argument (too many), no_usable_face (one cannot be opened or is no regular file).
[[nodiscard]] Result<std::vector<Image>> open_images(const std::vector<std::string>& paths);

struct BadImage {
  std::string path;
  FaceIssue issue = FaceIssue::none;
};

enum class AfterBad { stop, go_on };

// Hands them over one by one; the first that cannot be used, if any.
[[nodiscard]] Result<std::optional<BadImage>> send_images(Connection& connection, const std::vector<Image>& images,
                                                          AfterBad after_bad);

// "ann2.jpg: no face found; use a photo ..."
[[nodiscard]] Error error_of(const BadImage& bad);

// The words for notices while the camera looks, on stderr; the same advice is not repeated.
class Guide {
 public:
  explicit Guide(const Output& out) : out_(out) {}
  // False: not a notice, or a malformed one.
  bool tell(Answer answer);
  // Enrolment: how many templates were stored, if the keeper said so; and which photos show somebody else, from 0.
  [[nodiscard]] std::optional<unsigned> stored() const { return stored_; }
  [[nodiscard]] const std::vector<std::size_t>& odd() const { return odd_; }
  [[nodiscard]] unsigned taken() const { return taken_; }
  [[nodiscard]] unsigned total() const { return total_; }
  // What is wrong with a frame, in the light of what the person was asked to do.
  [[nodiscard]] const char* advice(FaceIssue issue) const;
  // How to hold the head; empty while the keeper asks for no pose.
  [[nodiscard]] std::string pose_advice() const;

 private:
  const Output& out_;
  std::optional<FaceIssue> last_;
  std::optional<unsigned> stored_;
  std::vector<std::size_t> odd_;
  unsigned taken_ = 0, total_ = 0;
  std::optional<Pose> pose_;
};

// The answer after the notices, which go to `guide`; all of it within limits::kConversationMs or so.
[[nodiscard]] Result<Answer> next_after_notices(Connection& connection, Guide& guide, milliseconds within);

}  // namespace faceauth::enroll
