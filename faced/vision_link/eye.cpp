#include <faced/vision_link/eye.h>

#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <algorithm>
#include <utility>

namespace faceauth {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kForever = Steady::max();
constexpr milliseconds kFramelessMax{limits::kCameraFirstFrameMs + 2000};
constexpr milliseconds kRespawnPause{100}, kRespawnPauseMax{10'000};

std::string text_of(const eye::ModelName& name) { return name.data(); }

}  // namespace

struct Eye::Pending {
  explicit Pending(asio::io_context& io) : wake(io, kForever) {}
  asio::steady_timer wake;
  std::optional<Result<Secret<eye::Image>>> answer;
};

// Reads one process's packets until it ends. Owned by its own coroutine, so that a replaced eye's last packets meet
// nobody: `owner` is cleared when the Eye moves on.
class Eye::Session {
 public:
  Session(Eye& owner, int link) : owner_(&owner), link_(owner.io_, link) {}

  // The descriptor is EyeProcess's and is about to be closed there: let go of it first.
  void disown() {
    owner_ = nullptr;
    (void)link_.release();
  }

  static asio::awaitable<void> run(std::shared_ptr<Session> self) {
    Secret<std::array<std::uint8_t, eye::kPacketMax>> packet;
    while (self->owner_ != nullptr) {
      auto [error] = co_await self->link_.async_wait(asio::posix::stream_descriptor::wait_read, kQuietly);
      if (self->owner_ == nullptr) co_return;
      if (error) {
        self->owner_->lost("its link failed");
        co_return;
      }
      const ssize_t size =
          ::recv(self->link_.native_handle(), packet->data(), packet->size(), MSG_DONTWAIT | MSG_TRUNC);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (size <= 0 || static_cast<std::size_t>(size) > packet->size()) {
        self->owner_->lost(size <= 0 ? "it ended" : "it sent too long a packet");
        co_return;
      }
      self->owner_->received(std::span(packet->data(), static_cast<std::size_t>(size)));
      wipe(packet->data(), static_cast<std::size_t>(size));
    }
  }

 private:
  Eye* owner_;
  asio::posix::stream_descriptor link_;
};

Viewer::Viewer(Eye& eye) : eye_(eye), wake_(eye.io_, kForever) {}

Viewer::~Viewer() { eye_.leave(this); }

void Viewer::deliver(SharedFrame frame) {
  frame_ = std::move(frame);
  wake_.cancel();
}

void Viewer::break_off(Error error) {
  error_ = std::move(error);
  wake_.cancel();
}

asio::awaitable<Result<SharedFrame>> Viewer::next(Steady deadline) {
  if (!frame_ && !error_) {
    wake_.expires_at(deadline);
    co_await wake_.async_wait(kQuietly);
  }
  if (frame_) co_return std::exchange(frame_, nullptr);
  if (error_) co_return tl::unexpected<Error>(*error_);
  co_return fail(Errc::timed_out, "the camera showed no further frame in time");
}

Eye::Eye(asio::io_context& io, std::string program, std::string models_directory)
    : io_(io),
      program_(std::move(program)),
      models_directory_(std::move(models_directory)),
      state_changed_(io, kForever),
      respawn_(io),
      health_(io) {}

Eye::~Eye() { stop(); }

void Eye::start() {
  stopped_ = false;
  spawn();
}

void Eye::stop() {
  stopped_ = true;
  respawn_.cancel();
  health_.cancel();
  if (session_) session_->disown();
  session_.reset();
  process_.reset();
  models_.reset();
  fail_all({Errc::cancelled, "the daemon is stopping"});
  state_changed_.cancel();
}

std::uint32_t Eye::pid() const { return process_ ? static_cast<std::uint32_t>(process_->pid()) : 0; }

void Eye::spawn() {
  if (stopped_) return;
  Result<EyeProcess> process = EyeProcess::spawn(program_, models_directory_);
  if (!process) {
    log::error(process.error().message);
    lost("it could not be started");
    return;
  }
  process_.emplace(std::move(*process));
  session_ = std::make_shared<Session>(*this, process_->link());
  asio::co_spawn(io_, Session::run(session_), asio::detached);
  watch_health();
}

void Eye::lost(const char* why) {
  const bool was_ready = models_.has_value();
  failed_starts_ = was_ready ? 0 : std::min(failed_starts_ + 1, 16U);
  if (session_) session_->disown();
  session_.reset();
  process_.reset();
  models_.reset();
  camera_session_ = 0;
  frameless_ = {};
  ping_answered_ = true;
  watching_health_ = false;
  health_.cancel();
  fail_all({Errc::eye_failed, "faced-vision stopped working; a new one is being started"});
  state_changed_.cancel();
  if (stopped_) return;
  ++restarts_;
  const milliseconds pause = failed_starts_ == 0
                                 ? milliseconds{0}
                                 : std::min(kRespawnPause * (1 << std::min(failed_starts_, 7U)), kRespawnPauseMax);
  log::warning(fmt::format("faced-vision is replaced: {}", why));
  respawn_.expires_after(pause);
  respawn_.async_wait([this](boost::system::error_code error) {
    if (!error) spawn();
  });
}

void Eye::fail_all(const Error& error) {
  for (Viewer* viewer : viewers_) viewer->break_off(error);
  for (auto& [request, photo] : photos_) {
    photo->answer.emplace(tl::unexpected<Error>(error));
    photo->wake.cancel();
  }
}

asio::awaitable<Result<void>> Eye::ready(Steady deadline) {
  while (!models_) {
    if (stopped_) co_return fail(Errc::cancelled, "the daemon is stopping");
    if (std::chrono::steady_clock::now() >= deadline) {
      if (process_) co_return fail(Errc::timed_out, "faced-vision is still loading its models");
      co_return fail(Errc::eye_failed, "faced-vision does not start; see the daemon's log");
    }
    // Every waiter has a timer of its own; the shared one only tells of a change.
    asio::steady_timer& changed = state_changed_;
    asio::steady_timer limit(io_, deadline);
    limit.async_wait([&changed](boost::system::error_code error) {
      if (!error) changed.cancel();
    });
    co_await changed.async_wait(kQuietly);
  }
  co_return Result<void>{};
}

asio::awaitable<Result<Secret<eye::Image>>> Eye::encode(Fd image, bool measure_liveness, Steady deadline) {
  if (Result<void> awake = co_await ready(deadline); !awake) co_return fail(std::move(awake));
  Pending photo(io_);
  const std::uint32_t request = ++next_request_;
  std::array<Fd, 1> files{std::move(image)};
  if (!send_packet(eye::Type::encode_image, eye::EncodeImage{request, measure_liveness}, files)) {
    lost("it does not read its link");
    co_return fail(Errc::eye_failed, "faced-vision stopped working; a new one is being started");
  }
  photos_.emplace(request, &photo);
  watch_health();
  photo.wake.expires_at(deadline);
  co_await photo.wake.async_wait(kQuietly);
  photos_.erase(request);
  if (photo.answer) co_return std::move(*photo.answer);
  lost("an image took too long");
  co_return fail(Errc::timed_out, "the image took too long to examine");
}

Result<std::unique_ptr<Viewer>> Eye::watch(const Config& config) {
  if (!models_) return fail(Errc::eye_failed, "faced-vision is not ready");
  if (viewers_.size() >= limits::kCameraWaitersMax) return fail(Errc::busy, "too many logins wait for the camera");
  if (camera_session_ == 0) {
    Result<OpenedCamera> camera = open_camera(config);
    if (!camera) return fail(std::move(camera));
    camera_session_ = ++next_request_;
    frame_awaited_since_ = std::chrono::steady_clock::now();
    const eye::OpenCamera open{camera_session_, camera->source, config.replay_fps, config.liveness != LivenessMode::off,
                               true};
    if (!send_packet(eye::Type::open_camera, open, camera->files)) {
      lost("it does not read its link");
      return fail(Errc::eye_failed, "faced-vision stopped working; a new one is being started");
    }
    if (camera_description_ != camera->description) log::info("camera: " + camera->description);
    camera_description_ = std::move(camera->description);
  }
  std::unique_ptr<Viewer> viewer(new Viewer(*this));
  viewers_.push_back(viewer.get());
  watch_health();
  return viewer;
}

void Eye::leave(Viewer* viewer) {
  viewers_.remove(viewer);
  if (!viewers_.empty() || camera_session_ == 0) return;
  if (process_ && !send_packet(eye::Type::close_camera, eye::CloseCamera{camera_session_}))
    lost("it does not read its link");
  frameless_ = time_without_frame();
  camera_session_ = 0;
  if (frameless_ > kFramelessMax) lost("it showed no frame of an open camera");
}

// Since the last frame, over all sessions: the link answers pings even while the analysis hangs, and each login gives
// up before it could notice.
milliseconds Eye::time_without_frame() const {
  const bool open = camera_session_ != 0;
  return frameless_ +
         (open ? std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - frame_awaited_since_)
               : milliseconds{0});
}

bool Eye::send_packet(eye::Type type, const auto& body, std::span<const Fd> files) {
  std::uint8_t packet[eye::kPacketMax];
  const std::size_t size = eye::encode_packet(packet, type, body);
  return size > 0 && process_ && process_->send(std::span(packet, size), files);
}

// A working eye is asked for a sign of life; an idle one is left alone, so that idling wakes nobody.
void Eye::watch_health() {
  if (watching_health_) return;
  watching_health_ = true;
  const bool starting = !models_.has_value();
  health_.expires_after(milliseconds(starting ? limits::kEyeStartMs : limits::kEyePingMs));
  health_.async_wait([this, starting](boost::system::error_code error) {
    if (error) return;  // whoever cancelled it has said what follows
    watching_health_ = false;
    if (stopped_ || !process_) return;
    if (starting && !models_) return lost("it loaded its models for too long");
    if (viewers_.empty() && photos_.empty()) {
      ping_answered_ = true;
      return;
    }
    if (!ping_answered_) return lost("it gives no sign of life");
    if (time_without_frame() > kFramelessMax) return lost("it shows no frame of an open camera");
    ping_answered_ = false;
    if (!send_packet(eye::Type::ping, eye::Ping{++ping_})) return lost("it does not read its link");
    watch_health();
  });
}

void Eye::received(std::span<const std::uint8_t> packet) {
  Reader reader(packet.data(), packet.size());
  switch (static_cast<eye::Type>(reader.u8())) {
    case eye::Type::ready:
      return received_ready(reader);
    case eye::Type::frame:
      return received_frame(reader);
    case eye::Type::image:
      return received_image(reader);
    case eye::Type::camera_failed:
      return received_camera_failed(reader);
    case eye::Type::pong:
      return received_pong(reader);
    default:
      return lost("it sent an unknown message");
  }
}

void Eye::received_ready(Reader& reader) {
  eye::Ready ready;
  if (models_ || !decode(reader, ready)) return lost("its greeting is not of this build");
  models_.emplace(
      Models{text_of(ready.dlib), text_of(ready.feature), text_of(ready.liveness), text_of(ready.detector)});
  watching_health_ = false;
  health_.cancel();
  state_changed_.cancel();
}

void Eye::received_frame(Reader& reader) {
  auto frame = std::make_shared<Secret<eye::Frame>>();
  if (!models_ || !decode(reader, **frame)) return lost("it sent a broken frame");
  if ((*frame)->session != camera_session_ || camera_session_ == 0) return;  // of a camera session that is over
  frameless_ = {};
  frame_awaited_since_ = std::chrono::steady_clock::now();
  for (Viewer* viewer : viewers_) viewer->deliver(frame);
}

void Eye::received_image(Reader& reader) {
  Secret<eye::Image> image;
  if (!models_ || !decode(reader, *image)) return lost("it sent a broken image answer");
  const auto photo = photos_.find(image->request);
  if (photo == photos_.end()) return;
  photo->second->answer.emplace(std::move(image));
  photo->second->wake.cancel();
}

void Eye::received_camera_failed(Reader& reader) {
  eye::CameraFailed failed;
  if (!models_ || !decode(reader, failed)) return lost("it sent a broken message");
  if (failed.session != camera_session_ || camera_session_ == 0) return;
  camera_session_ = 0;
  frameless_ = {};
  for (Viewer* viewer : viewers_)
    viewer->break_off(
        {Errc::camera_unavailable, "the camera stopped: unplugged, taken by another program, or not readable"});
}

void Eye::received_pong(Reader& reader) {
  eye::Pong pong;
  if (!decode(reader, pong)) return lost("it sent a broken message");
  if (pong.token == ping_) ping_answered_ = true;
}

}  // namespace faceauth
