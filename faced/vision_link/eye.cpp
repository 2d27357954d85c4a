#include <faced/vision_link/eye.h>

#include <faced/util/log.h>

#include <faceauth/limits.h>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace faceauth {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr auto kQuietly = asio::as_tuple(asio::use_awaitable);
constexpr auto kForever = Steady::max();
constexpr milliseconds kSettledAfter{10'000};
constexpr milliseconds kFramelessMax{limits::kCameraFirstFrameMs + 2000};
constexpr milliseconds kRespawnPause{100}, kRespawnPauseMax{10'000};

std::string text_of(const eye::ModelName& name) { return name.data(); }

Error photo_broken() { return {Errc::invalid_argument, "the image broke the process that looked at it"}; }

}  // namespace

Error Eye::eye_gone() { return {Errc::eye_failed, "faced-vision stopped working; a new one is being started"}; }

struct Eye::Photo {
  explicit Photo(asio::io_context& io) : wake(io, kForever) {}

  void finish(Result<Secret<eye::Image>> result) {
    if (!answer) answer.emplace(std::move(result));
    wake.cancel();
  }

  asio::steady_timer wake;
  std::shared_ptr<PacketLoop> worker;
  std::optional<Result<Secret<eye::Image>>> answer;
};

Eye::Eye(asio::io_context& io, std::string program, const Config& config)
    : io_(io),
      program_(std::move(program)),
      models_directory_(config.models),
      encoder_file_(config.encoder_file),
      encoder_name_(config.encoder.name()),
      state_changed_(io, kForever),
      respawn_(io),
      health_(io),
      replace_(io),
      opening_{DeviceWork(io), DeviceWork(io)} {}

Eye::~Eye() { stop(); }

void Eye::start() {
  stopped_ = false;
  spawn();
}

void Eye::stop() {
  stopped_ = true;
  respawn_.cancel();
  health_.cancel();
  replace_.cancel();
  if (link_) link_->close();
  link_.reset();
  process_.reset();
  models_.reset();
  fail_all({Errc::cancelled, "the daemon is stopping"});
  state_changed_.cancel();
}

std::uint32_t Eye::pid() const { return process_ && models_ ? static_cast<std::uint32_t>(process_->pid()) : 0; }

void Eye::spawn() {
  if (stopped_) return;
  Result<EyeProcess> process = EyeProcess::spawn(program_, models_directory_, encoder_file_);
  if (!process) {
    log::error(process.error().message);
    lost("it could not be started");
    return;
  }
  process_.emplace(std::move(*process));
  spawned_ = std::chrono::steady_clock::now();
  Fd reading(::fcntl(process_->link(), F_DUPFD_CLOEXEC, 0));
  if (!reading.valid()) return lost("no descriptor is left for its link");
  link_ = PacketLoop::start(io_, std::move(reading),
                            {[this](auto packet) { received(packet); }, [this](const char* why) { lost(why); }});
  watch_health();
}

void Eye::lost(const char* why, bool planned) {
  const bool had_settled = planned || (models_ && std::chrono::steady_clock::now() - spawned_ >= kSettledAfter);
  failed_starts_ = had_settled ? 0 : std::min(failed_starts_ + 1, 16U);
  if (link_) link_->close();
  link_.reset();
  process_.reset();
  models_.reset();
  ping_answered_ = true;
  watching_health_ = worn_ = false;
  health_.cancel();
  replace_.cancel();
  fail_all(eye_gone());
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

// Whoever made it crash may have learned where things lie in the memory that the next worker starts with, too.
void Eye::worker_died(Reader& reader) {
  eye::WorkerDied died;
  if (!decode(reader, died)) return lost("it sent a broken message");
  if (worn_) return;
  worn_ = true;
  replace_.expires_after(milliseconds(limits::kEyeReplaceWithinMs));
  replace_.async_wait([this](boost::system::error_code error) {
    if (!error && worn_) lost("one of its workers died of a signal", true);
  });
  replace_if_idle();
}

void Eye::replace_if_idle() {
  if (worn_ && viewers() == 0 && photos_.empty()) lost("one of its workers died of a signal", true);
}

// The workers of a first process that is gone are gone as well.
void Eye::fail_all(const Error& error) {
  for (Session& session : sessions_) end_session(session, error);
  for (Photo* photo : photos_) photo->finish(tl::unexpected<Error>(error));
  for (asio::steady_timer* waiting : waiting_photos_) waiting->cancel();
}

asio::awaitable<Result<void>> Eye::ready(Steady deadline) {
  while (!models_ || worn_) {
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

// Hands the work and one end of a new socket to the first process, which forks a worker for it.
Result<std::shared_ptr<PacketLoop>> Eye::start_worker(std::span<const std::uint8_t> packet, std::vector<Fd>& files,
                                                      PacketLoop::Callbacks callbacks) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return fail(Errc::eye_failed, std::string("socketpair: ") + std::strerror(errno));
  Fd ours(pair[0]);
  files.emplace(files.begin(), Fd(pair[1]));
  const bool sent = !packet.empty() && process_ && process_->send(packet, files);
  files.erase(files.begin());
  if (!sent) {
    lost("it does not read its link");
    return tl::unexpected<Error>(eye_gone());
  }
  return PacketLoop::start(io_, std::move(ours), std::move(callbacks));
}

asio::awaitable<Result<void>> Eye::turn_for_photo(Steady deadline) {
  for (;;) {
    if (Result<void> awake = co_await ready(deadline); !awake) co_return fail(std::move(awake));
    if (photos_.size() < limits::kPhotosAtOnce) co_return Result<void>{};
    if (std::chrono::steady_clock::now() >= deadline)
      co_return fail(Errc::busy, "other images are being examined; try again in a moment");
    asio::steady_timer turn(io_, deadline);
    waiting_photos_.push_back(&turn);
    co_await turn.async_wait(kQuietly);
    waiting_photos_.remove(&turn);
  }
}

asio::awaitable<Result<Secret<eye::Image>>> Eye::encode(Fd image, bool measure_liveness, Steady turn_by,
                                                        milliseconds within) {
  if (Result<void> turn = co_await turn_for_photo(turn_by); !turn) co_return fail(std::move(turn));
  Photo photo(io_);
  std::vector<Fd> files;
  files.push_back(std::move(image));
  PacketLoop::Callbacks callbacks{[this, &photo](auto packet) { received_from_photo(photo, packet); },
                                  [&photo](const char*) { photo.finish(tl::unexpected<Error>(photo_broken())); }};
  std::uint8_t packet[eye::kPacketMax];
  const std::size_t size = eye::encode_packet(packet, eye::Type::encode_image, eye::EncodeImage{measure_liveness});
  auto worker = start_worker(std::span(packet, size), files, std::move(callbacks));
  files.clear();
  if (!worker) co_return fail(std::move(worker));
  photo.worker = *std::move(worker);
  photos_.push_back(&photo);
  watch_health();
  photo.wake.expires_after(within);
  co_await photo.wake.async_wait(kQuietly);
  photo.worker->close();
  photos_.remove(&photo);
  for (asio::steady_timer* waiting : waiting_photos_) waiting->cancel();
  replace_if_idle();
  if (photo.answer) co_return std::move(*photo.answer);
  co_return fail(Errc::timed_out, "the image took too long to examine");
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
    for (Session& session : sessions_)
      if (session.worker && std::chrono::steady_clock::now() - session.frame_awaited_since > kFramelessMax)
        give_up(session, "it shows no frame");
    if (viewers() == 0 && photos_.empty()) {
      ping_answered_ = true;
      return;
    }
    if (!ping_answered_) return lost("it gives no sign of life");
    ping_answered_ = false;
    std::uint8_t packet[eye::kPacketMax];
    const std::size_t size = eye::encode_packet(packet, eye::Type::ping, eye::Ping{++ping_});
    if (!process_->send(std::span(packet, size), {})) return lost("it does not read its link");
    watch_health();
  });
}

void Eye::received(std::span<const std::uint8_t> packet) {
  Reader reader(packet.data(), packet.size());
  switch (static_cast<eye::Type>(reader.u8())) {
    case eye::Type::ready:
      return received_ready(reader);
    case eye::Type::worker_died:
      return worker_died(reader);
    case eye::Type::pong: {
      eye::Pong pong;
      if (!decode(reader, pong)) return lost("it sent a broken message");
      if (pong.token == ping_) ping_answered_ = true;
      return;
    }
    default:
      return lost("it sent an unknown message");
  }
}

void Eye::received_ready(Reader& reader) {
  eye::Ready ready;
  if (models_ || !decode(reader, ready)) return lost("its greeting is not of this build");
  if (text_of(ready.feature) != encoder_name_)
    return lost("its encoder is not the one that faced started with; a change of its description needs a restart");
  models_.emplace(
      Models{text_of(ready.dlib), text_of(ready.feature), text_of(ready.liveness), text_of(ready.detector)});
  watching_health_ = false;
  health_.cancel();
  state_changed_.cancel();
}

void Eye::received_from_photo(Photo& photo, std::span<const std::uint8_t> packet) {
  Reader reader(packet.data(), packet.size());
  Secret<eye::Image> image;
  if (static_cast<eye::Type>(reader.u8()) == eye::Type::image && decode(reader, *image))
    return photo.finish(std::move(image));
  log::warning("a photo's process is given up: it sent a broken message");
  photo.finish(tl::unexpected<Error>(photo_broken()));
}

}  // namespace faceauth
