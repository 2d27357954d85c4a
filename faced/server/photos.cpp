#include <faced/server/photos.h>

#include <faced/server/authority.h>

#include <fcntl.h>

#include <chrono>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

// Examines one photo and answers for it. False: the connection must end.
asio::awaitable<bool> examine(Keeper& keeper, Connection& client, Gate gate, Photos& photos) {
  Fd file = client.take_file();
  if (!file.valid()) {
    co_await client.send_failure(Errc::protocol, "an image without a file");
    co_return false;
  }
  // Through a descriptor that may write, a broken eye could change the file.
  if ((::fcntl(file.get(), F_GETFL) & O_ACCMODE) != O_RDONLY) {
    co_await client.send_failure(Errc::invalid_argument, "an image must come open for reading only");
    co_return false;
  }
  const bool liveness = keeper.config->liveness != LivenessMode::off;
  const Steady loaded_by = std::chrono::steady_clock::now() + milliseconds(limits::kEyeStartMs);
  if (const Result<void> ready = co_await keeper.eye.ready(loaded_by); !ready) {
    co_await client.send_failure(ready.error());
    co_return false;
  }
  const Steady turn_by = std::chrono::steady_clock::now() + milliseconds(limits::kPhotoTurnWithinMs);
  Result<Secret<eye::Image>> image =
      co_await keeper.eye.encode(std::move(file), liveness, turn_by, milliseconds(limits::kImageWithinMs));
  if (!image) {
    // An image that brings its process down is no image to use. What else went wrong says nothing about the image.
    if (image.error().code != Errc::invalid_argument) {
      co_await client.send_failure(image.error());
      co_return false;
    }
    photos.last_issue = FaceIssue::unreadable;
  } else {
    photos.last_issue = gate((*image)->sight);
    if (photos.last_issue == FaceIssue::none) {
      Secret<Sight> sight;
      *sight = (*image)->sight;
      photos.sights.push_back(std::move(sight));
    }
  }
  if (photos.last_issue != FaceIssue::none) ++photos.refused;
  co_return co_await client.send(wire::Type::image_result, wire::ImageResult{photos.last_issue});
}

}  // namespace

asio::awaitable<std::optional<Photos>> receive_photos(Keeper& keeper, Connection& client, Gate gate) {
  Photos photos;
  for (std::size_t count = 0; count <= limits::kEnrollImagesMax; ++count) {
    const Steady deadline = std::chrono::steady_clock::now() + milliseconds(limits::kIdleWithinMs);
    const Result<void> got = co_await client.receive(deadline);
    if (!got || !client.of_this_request()) co_return std::nullopt;
    const Rule* rule = find_rule(client.header().type, Phase::photos);
    if (rule == nullptr || client.body().complete() == false) co_return std::nullopt;
    if (rule->type == wire::Type::finish) co_return std::move(photos);
    if (!permits(rule->right, client.peer(), std::nullopt, false, false)) {
      co_await client.send_failure(Errc::not_permitted, "only root may use photos; use the camera");
      co_return std::nullopt;
    }
    if (!co_await examine(keeper, client, gate, photos)) co_return std::nullopt;
  }
  co_await client.send_failure(Errc::invalid_argument, "too many photos in one request");
  co_return std::nullopt;
}

}  // namespace faceauth
