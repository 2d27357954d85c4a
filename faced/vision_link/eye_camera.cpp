// The cameras' half of the Eye.
#include <faced/vision_link/eye.h>

#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kSessionMax{limits::kTimeoutMaxMs};

std::uint64_t nanoseconds_of(Steady time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

CameraSettings settings_of(const Config& config, std::size_t place, bool show) {
  return {config.camera_at(place), config.liveness != LivenessMode::off, show};
}

// The network for liveness knows colour pictures only; what else holds in infrared stops no print.
constexpr const char* kNotAlone =
    " is infrared, and nothing judges there whether a face is live: set match.cameras = \"both\", or liveness.mode = "
    "\"active\", or \"off\" if a print may pass";

// In words of our own: those that came along are a worker's.
Error camera_error(Errc code) {
  if (code == Errc::camera_dark)
    return {code,
            "the infrared camera delivers only dark frames: its emitter seems off, or it is covered; see "
            "linux-enable-ir-emitter"};
  if (code == Errc::camera_busy)
    return {code, "another program is using the camera; close it, or see what it is: enroll-tool cameras"};
  return {Errc::camera_unavailable, "the camera stopped: unplugged, taken by another program, or not readable"};
}

}  // namespace

std::string Eye::streaming_from(std::size_t place) const {
  const Session& session = sessions_.at(place);
  return session.worker ? session.path : std::string();
}

// A face is hidden from an infrared camera less easily, but alone it is only used where something judges what is live.
CameraWishes Eye::wishes(const Config& config, std::size_t place) const {
  const CameraPolicy& policy = config.camera_at(place);
  const bool alone = policy.kind == CameraKind::any && config.liveness != LivenessMode::passive;
  return {remembered_.at(place), alone || policy.kind == CameraKind::infrared};
}

// On a thread beside this one.
asio::awaitable<Result<OpenedCamera>> Eye::open_beside(const Config& config, bool lid_closed, std::size_t place,
                                                       Steady deadline) {
  struct Opened {
    Result<OpenedCamera> camera;
    AutoChoice chosen;
  };
  const auto open = [policy = config.camera_at(place), lid_closed, wishes = wishes(config, place),
                     chosen = sessions_[place].chosen]() mutable {
    Result<OpenedCamera> camera = open_camera(policy, lid_closed, wishes, &chosen);
    return Opened{std::move(camera), std::move(chosen)};
  };
  Result<Opened> opened = co_await opening_[place].run(open, deadline);
  if (!opened) co_return fail(std::move(opened));
  sessions_[place].chosen = std::move(opened->chosen);
  co_return std::move(opened->camera);
}

Result<void> Eye::open_session(const Config& config, OpenedCamera& camera, std::size_t place, Fd pictures) {
  Session& session = sessions_[place];
  if (place == 0 && camera.modality == Modality::infrared && config.liveness == LivenessMode::passive)
    return fail(Errc::not_permitted, camera.description + kNotAlone);
  session.began = session.frame_awaited_since = session.frames_since = std::chrono::steady_clock::now();
  session.frames = 0;
  session.settings = settings_of(config, place, pictures.valid());
  const eye::OpenCamera open{camera.source, session.settings.policy.replay_fps,    session.settings.liveness,
                             true,          camera.modality == Modality::infrared, pictures.valid()};
  if (pictures.valid()) camera.files.push_back(std::move(pictures));
  std::uint8_t packet[eye::kPacketMax];
  const std::size_t size = eye::encode_packet(packet, eye::Type::open_camera, open);
  auto worker = start_worker(std::span(packet, size), camera.files,
                             {[this, &session](auto bytes) { received_from_camera(session, bytes); },
                              [this, &session](const char* why) { give_up(session, why); }});
  if (!worker) return fail(std::move(worker));
  session.worker = *std::move(worker);
  if (session.description != camera.description) log::info("camera: " + camera.description);
  session.description = std::move(camera.description);
  // Who still waits was to be judged by the rules of the other light, or by templates of the other camera.
  if (session.modality != camera.modality || session.mark != camera.mark)
    for (Viewer* viewer : session.viewers)
      viewer->break_off({Errc::camera_unavailable, "the camera was replaced by another one"});
  session.path = std::move(camera.path);
  session.mark = std::move(camera.mark);
  session.modality = camera.modality;
  return {};
}

Eye::ViewerAwaited Eye::watch(const Config& config, Steady deadline, bool lid_closed, std::size_t place) {
  return join(config, lid_closed, place, Fd(), deadline);
}

Eye::ViewerAwaited Eye::watch_and_show(const Config& config, Fd pictures, Steady deadline, bool lid_closed,
                                       std::size_t place) {
  return join(config, lid_closed, place, std::move(pictures), deadline);
}

bool Eye::shows_pictures(std::size_t place) const {
  return sessions_.at(place).worker && sessions_.at(place).settings.show;
}

// Requests that overlap without end must not keep one worker, nor a camera that a reload has replaced. Who waits goes
// on with the next worker's frames of the same camera.
Result<void> Eye::exchange(const Config& config, Result<OpenedCamera>& camera, std::size_t place, Fd pictures) {
  Session& session = sessions_[place];
  if (session.worker) session.worker->close();
  session.worker.reset();
  Result<void> opened = camera ? open_session(config, *camera, place, std::move(pictures))
                               : Result<void>(tl::unexpected<Error>(camera.error()));
  if (!opened) end_session(session, opened.error());
  return opened;
}

// Whatever became of a camera that was opened here (a worker has its own descriptor of it, another login was quicker,
// the eye was lost): closing it can hang like opening it.
Eye::ViewerAwaited Eye::join(const Config& config, bool lid_closed, std::size_t place, Fd pictures, Steady deadline) {
  std::optional<Result<OpenedCamera>> camera;
  Result<std::unique_ptr<Viewer>> viewer =
      co_await join_with(camera, config, lid_closed, place, std::move(pictures), deadline);
  if (camera && *camera) opening_[place].discard(std::move((*camera)->files));
  co_return std::move(viewer);
}

Eye::ViewerAwaited Eye::join_with(std::optional<Result<OpenedCamera>>& camera, const Config& config, bool lid_closed,
                                  std::size_t place, Fd pictures, Steady deadline) {
  Session& session = sessions_.at(place);
  const CameraSettings wanted = settings_of(config, place, pictures.valid());
  // Anew after each wait: others come, open the camera and leave meanwhile.
  for (;;) {
    // Worn: a worker died since ready() said yes. What it learned of the memory must not be of use to one more.
    if (!models_ || worn_) co_return tl::unexpected<Error>(eye_gone());
    if (wanted.show && !session.viewers.empty())
      co_return fail(Errc::busy,
                     "somebody else is before the camera, whose pictures are not shown; try again in a moment");
    if (session.viewers.size() >= limits::kCameraWaitersMax)
      co_return fail(Errc::busy, "too many logins wait for the camera");
    const bool outlived = std::chrono::steady_clock::now() - session.began >= kSessionMax;
    if (session.worker && !outlived && session.settings == wanted) break;
    if (camera) {
      Result<void> opened = exchange(config, *camera, place, std::move(pictures));
      if (!opened) co_return fail(std::move(opened));
      break;
    }
    const bool others_opened = opening_[place].under_way() && co_await opening_[place].idle(deadline);
    if (!others_opened) camera.emplace(co_await open_beside(config, lid_closed, place, deadline));
    // It may have been lost meanwhile.
    if (Result<void> up = co_await ready(deadline); !up) co_return fail(std::move(up));
  }
  std::unique_ptr<Viewer> viewer(new Viewer(*this, place));
  session.viewers.push_back(viewer.get());
  watch_health();
  co_return std::move(viewer);
}

void Eye::leave(Viewer* viewer) {
  Session& session = sessions_[viewer->place_];
  session.viewers.remove(viewer);
  if (session.viewers.empty()) end_session(session, eye_gone());
  replace_if_idle();
}

// Closes the camera; who still waits for it learns why.
void Eye::end_session(Session& session, const Error& error) {
  if (session.worker) session.worker->close();
  session.worker.reset();
  for (Viewer* viewer : session.viewers) viewer->break_off(error);
}

void Eye::give_up(Session& session, std::string_view why) {
  log::warning(fmt::format("the camera session's process is given up: {}", why));
  end_session(session, {Errc::eye_failed, "looking at the pictures failed; try again"});
}

// A worker has seen pictures: whatever it sends that is not right ends it.
void Eye::received_from_camera(Session& session, std::span<const std::uint8_t> packet) {
  Reader reader(packet.data(), packet.size());
  const auto type = static_cast<eye::Type>(reader.u8());
  auto frame = std::make_shared<Secret<eye::Frame>>();
  eye::CameraFailed failed;
  const Steady now = std::chrono::steady_clock::now();
  if (now - session.frames_since >= std::chrono::seconds(1)) {
    session.frames_since = now;
    session.frames = 0;
  }
  if (++session.frames > limits::kEyeFramesPerSecondMax) {
    give_up(session, "it sends more frames than a camera has");
  } else if (type == eye::Type::frame && decode(reader, **frame)) {
    session.frame_awaited_since = now;
    (*frame)->captured_ns = std::min<std::uint64_t>((*frame)->captured_ns, nanoseconds_of(now));
    for (Viewer* viewer : session.viewers) viewer->deliver(frame);
  } else if (type == eye::Type::camera_failed && decode(reader, failed)) {
    log::warning(fmt::format("the camera {} stopped: {}", session.description, failed.reason.data()));
    end_session(session, camera_error(failed.code));
  } else {
    give_up(session, "it sent a broken message");
  }
}

}  // namespace faceauth
