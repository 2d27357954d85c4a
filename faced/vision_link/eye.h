// The keeper's view of the eye: photos in, sights out; and each camera's stream shared by everybody who waits for it.
// Each photo and each camera session is the work of a process of its own; the first process, which holds the models,
// only forks. Lives on the keeper's io_context thread; nothing here is thread-safe.
#pragma once

#include <faced/config/config.h>
#include <faced/crypto/secret.h>
#include <faced/util/clock.h>
#include <faced/util/fd.h>
#include <faced/vision_link/camera.h>
#include <faced/vision_link/device_work.h>
#include <faced/vision_link/eye_process.h>
#include <faced/vision_link/eye_protocol.h>
#include <faced/vision_link/packet_loop.h>

#include <faceauth/modality.h>
#include <faceauth/result.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

// One frame, shared by all who wait for it. Read-only.
using SharedFrame = std::shared_ptr<const Secret<eye::Frame>>;

class Eye;

// One request's place at the camera. The camera is open while at least one of these lives. Must not outlive the Eye.
class Viewer {
 public:
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;
  ~Viewer();

  // The newest frame not yet seen by this viewer; older unseen ones are dropped.
  // Errors: timed_out, eye_failed, camera_unavailable, cancelled.
  boost::asio::awaitable<Result<SharedFrame>> next(Steady deadline);

  // What next() would give without waiting; nothing while it would wait.
  [[nodiscard]] std::optional<Result<SharedFrame>> take();
  // Returns once one of them has something to take, or at the deadline. For viewers of several cameras.
  static boost::asio::awaitable<void> any_of(std::span<Viewer* const> viewers, Steady deadline);

 private:
  friend class Eye;
  Viewer(Eye& eye, std::size_t place);
  void deliver(SharedFrame frame);
  void break_off(Error error);
  [[nodiscard]] bool waits() const { return !frame_ && !error_; }

  Eye& eye_;
  std::size_t place_;
  std::shared_ptr<boost::asio::steady_timer> wake_;  // cancelled when there is something to look at
  SharedFrame frame_;
  std::optional<Error> error_;
};

// What a camera session was opened with.
struct CameraSettings {
  CameraPolicy policy;
  bool liveness = false;
  bool show = false;  // the pictures too
  bool operator==(const CameraSettings&) const = default;
};

class Eye {
 public:
  using ViewerAwaited = boost::asio::awaitable<Result<std::unique_ptr<Viewer>>>;
  struct Models {
    std::string dlib, feature, liveness, detector;  // eye::ModelName as text
  };

  // An eye that encodes with another encoder than `config` names is refused: its distances mean something else.
  Eye(boost::asio::io_context& io, std::string program, const Config& config);
  Eye(const Eye&) = delete;
  Eye& operator=(const Eye&) = delete;
  ~Eye();

  void start();  // a process that ends later is replaced, with growing pauses if it never gets ready
  void stop();   // ends it; every waiting request gets `cancelled`

  // Errors: timed_out, eye_failed (the reason is in the log), cancelled.
  boost::asio::awaitable<Result<void>> ready(Steady deadline);
  [[nodiscard]] const std::optional<Models>& models() const { return models_; }  // while ready
  [[nodiscard]] std::uint32_t pid() const;  // 0 until it is ready, and so locked in
  [[nodiscard]] std::uint32_t restarts() const { return restarts_; }

  // One photo. limits::kPhotosAtOnce are at work, others wait for their turn until `turn_by`; then its worker has
  // `within`. Errors: invalid_argument (the photo broke its worker), busy (no turn came), timed_out, eye_failed (there
  // is no eye), cancelled.
  boost::asio::awaitable<Result<Secret<eye::Image>>> encode(Fd image, bool measure_liveness, Steady turn_by,
                                                            std::chrono::milliseconds within);

  // Opens the camera for the first viewer and joins the stream for the rest. The eye must be ready still, and `config`
  // outlive the call. `place`: 0 is the first camera, 1 the infrared one beside it; they stream side by side.
  // Errors: busy (limits::kCameraWaitersMax), eye_failed, open_camera's, and DeviceWork's where opening takes too long.
  ViewerAwaited watch(const Config& config, Steady deadline, bool lid_closed = false, std::size_t place = 0);
  // The same for one viewer alone, with the camera's pictures written into `pictures` (picture_memory.h). Whoever comes
  // later is not shown: his coming ends the pictures, and the stream goes on. Errors also: busy (somebody is there).
  ViewerAwaited watch_and_show(const Config& config, Fd pictures, Steady deadline, bool lid_closed = false,
                               std::size_t place = 0);
  [[nodiscard]] bool shows_pictures(std::size_t place = 0) const;
  [[nodiscard]] std::size_t viewers() const { return sessions_[0].viewers.size() + sessions_[1].viewers.size(); }
  // Of the last session.
  [[nodiscard]] const std::string& camera(std::size_t place = 0) const { return sessions_.at(place).description; }
  [[nodiscard]] const std::string& camera_mark(std::size_t place = 0) const { return sessions_.at(place).mark; }
  [[nodiscard]] Modality modality(std::size_t place = 0) const { return sessions_.at(place).modality; }
  // Where it is open now; empty while it is closed.
  [[nodiscard]] std::string streaming_from(std::size_t place = 0) const;

  // Among several cameras "auto" means this one (camera_mark()) while it is there.
  void remember_camera(std::size_t place, std::string mark) { remembered_.at(place) = std::move(mark); }
  [[nodiscard]] CameraWishes wishes(const Config& config, std::size_t place) const;

 private:
  friend class Viewer;
  struct Photo;  // one being examined

  // One camera's stream, and what the last one was.
  struct Session {
    std::shared_ptr<PacketLoop> worker;  // null while the camera is closed
    std::list<Viewer*> viewers;
    CameraSettings settings;
    std::string path, description, mark;
    Modality modality = Modality::color;
    Steady began{};
    Steady frame_awaited_since{};  // the last frame, or the opening of the camera
    Steady frames_since{};         // when the second began in which `frames` came
    std::uint32_t frames = 0;
    AutoChoice chosen;
  };

  void spawn();
  void fail_all(const Error& error);
  void lost(const char* why, bool planned = false);
  void worker_died(Reader& reader);
  void replace_if_idle();
  void leave(Viewer* viewer);
  boost::asio::awaitable<Result<OpenedCamera>> open_beside(const Config& config, bool lid_closed, std::size_t place,
                                                           Steady deadline);
  Result<void> exchange(const Config& config, Result<OpenedCamera>& camera, std::size_t place, Fd pictures);
  Result<void> open_session(const Config& config, OpenedCamera& camera, std::size_t place, Fd pictures);
  ViewerAwaited join(const Config& config, bool lid_closed, std::size_t place, Fd pictures, Steady deadline);
  // `camera`: what was opened on the way, and is the caller's to close.
  ViewerAwaited join_with(std::optional<Result<OpenedCamera>>& camera, const Config& config, bool lid_closed,
                          std::size_t place, Fd pictures, Steady deadline);
  void end_session(Session& session, const Error& error);
  void give_up(Session& session, std::string_view why);
  static Error eye_gone();
  void received(std::span<const std::uint8_t> packet);
  void received_ready(Reader& reader);
  void received_from_camera(Session& session, std::span<const std::uint8_t> packet);
  void received_from_photo(Photo& photo, std::span<const std::uint8_t> packet);
  boost::asio::awaitable<Result<void>> turn_for_photo(Steady deadline);
  // `files` stay the caller's to close.
  Result<std::shared_ptr<PacketLoop>> start_worker(std::span<const std::uint8_t> packet, std::vector<Fd>& files,
                                                   PacketLoop::Callbacks callbacks);
  void watch_health();

  boost::asio::io_context& io_;
  std::string program_, models_directory_, encoder_file_, encoder_name_;
  std::optional<EyeProcess> process_;
  std::shared_ptr<PacketLoop> link_;         // to the first process
  boost::asio::steady_timer state_changed_;  // cancelled whenever ready or stopped change
  boost::asio::steady_timer respawn_, health_, replace_;
  std::optional<Models> models_;
  std::array<Session, 2> sessions_;    // of the first camera, and of the infrared one beside it
  std::array<DeviceWork, 2> opening_;  // their devices
  std::array<std::string, 2> remembered_;
  std::list<Photo*> photos_;
  std::list<boost::asio::steady_timer*> waiting_photos_;  // each cancelled when its turn may have come
  Steady spawned_{};
  std::uint32_t ping_ = 0, restarts_ = 0, failed_starts_ = 0;
  bool worn_ = false;  // a worker died of a signal: the first process takes no new work and is replaced when idle
  bool stopped_ = true, ping_answered_ = true, watching_health_ = false;
};

}  // namespace faceauth
