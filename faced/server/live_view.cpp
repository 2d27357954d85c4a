#include <faced/server/live_view.h>

#include <faced/server/origin.h>
#include <faced/server/scan.h>
#include <faced/vision_link/picture_memory.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {
namespace {

constexpr std::chrono::seconds kAskAgainAfter{1};

}  // namespace

bool Audience::may_see() {
  if (client_.peer().is_root()) return true;
  const Steady now = std::chrono::steady_clock::now();
  if (asked_ == Steady{} || now - asked_ >= kAskAgainAfter) {
    asked_ = now;
    may_see_ = is_present(client_.peer());
  }
  return may_see_;
}

asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_and_show(Keeper& keeper, Connection& client,
                                                                std::shared_ptr<const Config> config, Steady deadline,
                                                                std::size_t place) {
  Result<PictureMemory> memory = make_picture_memory();
  if (!memory) co_return fail(std::move(memory));
  Result<std::unique_ptr<Viewer>> viewer =
      co_await watch_camera(keeper, config, deadline, place, std::move(memory->to_write));
  if (!viewer) co_return fail(std::move(viewer));
  if (!co_await client.send_file(wire::Type::picture, memory->to_read))
    co_return fail(Errc::cancelled, "the client went away");
  co_return std::move(viewer);
}

asio::awaitable<bool> send_view(Connection& client, const Sight& sight, FaceIssue issue) {
  wire::View view;
  view.issue = issue;
  view.faces = sight.faces;
  std::copy(sight.box.begin(), sight.box.end(), view.box);
  view.yaw_deg = sight.quality.yaw_deg;
  view.pitch_deg = sight.quality.pitch_deg;
  view.brightness = sight.quality.brightness;
  co_return co_await client.send(wire::Type::view, view);
}

}  // namespace faceauth
