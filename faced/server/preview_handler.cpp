// preview_begin: what the camera sees, to the person before it, until he has seen enough.
#include <faced/auth/quality_gate.h>
#include <faced/server/handlers.h>
#include <faced/server/live_view.h>
#include <faced/server/unjudged.h>
#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <chrono>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPreviewMost{limits::kConversationMs};
constexpr milliseconds kLastOneGoneWithin{1000}, kAskAgainAfter{50};
constexpr milliseconds kFrameWithin{limits::kCameraFirstFrameMs + 2000};

// The camera, and its pictures. A preview whose client has just gone ends with its next frame: not yet somebody else.
asio::awaitable<Result<std::unique_ptr<Viewer>>> open_camera(Keeper& keeper, Connection& client,
                                                             std::shared_ptr<const Config> config) {
  const Steady patient_until = std::chrono::steady_clock::now() + kLastOneGoneWithin;
  for (;;) {
    Result<std::unique_ptr<Viewer>> viewer =
        co_await watch_and_show(keeper, client, config, std::chrono::steady_clock::now() + kFrameWithin);
    const bool busy = !viewer && viewer.error().code == Errc::busy;
    if (!busy || client.peer_is_gone() || std::chrono::steady_clock::now() >= patient_until)
      co_return std::move(viewer);
    asio::steady_timer pause(keeper.io, kAskAgainAfter);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

// Why it ended; nothing when the client left.
asio::awaitable<std::optional<Result<void>>> show(Keeper& keeper, Connection& client, Steady deadline) {
  const std::shared_ptr<const Config> config = keeper.config;
  const Steady loaded_by = std::chrono::steady_clock::now() + milliseconds(limits::kEyeStartMs);
  if (Result<void> ready = co_await keeper.eye.ready(loaded_by); !ready) co_return std::move(ready);
  Result<std::unique_ptr<Viewer>> viewer = co_await open_camera(keeper, client, config);
  if (!viewer) co_return fail(std::move(viewer));
  Audience audience(client);
  while (std::chrono::steady_clock::now() < deadline) {
    const Result<SharedFrame> frame = co_await (*viewer)->next(std::chrono::steady_clock::now() + kFrameWithin);
    if (client.peer_is_gone()) co_return std::nullopt;
    if (!frame) co_return tl::unexpected<Error>(frame.error());
    if (!keeper.eye.shows_pictures()) co_return fail(Errc::busy, "a login needed the camera");
    if (!audience.may_see()) co_return fail(Errc::not_permitted, kNotActiveAnyMore);
    const Sight& sight = (**frame)->sight;
    if (!co_await send_view(client, sight, gate_for_enrolment(sight))) co_return std::nullopt;
  }
  co_return Result<void>{};
}

}  // namespace

asio::awaitable<bool> handle_preview(Keeper& keeper, Connection& client, Request request) {
  wire::UserOnly who;
  Reader body = client.body();
  if (!wire::decode(body, who)) co_return false;
  if (!co_await client.send(wire::Type::ack, wire::Ack{limits::kEyeStartMs})) co_return false;
  if (client.peer().is_root() || may_log_unjudged(keeper, client.peer()))
    log::info("the camera's pictures are shown", {{"FACEAUTH_USER", request.subject}});
  const std::optional<Result<void>> ended =
      co_await show(keeper, client, std::chrono::steady_clock::now() + kPreviewMost);
  if (!ended) co_return false;
  co_return co_await answer(client, *ended);
}

}  // namespace faceauth
