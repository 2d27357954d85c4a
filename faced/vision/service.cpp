#include <faced/vision/image_file.h>
#include <faced/vision/service.h>

#include <faceauth/limits.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <thread>

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFramePatience{50};  // then the frame is dropped: the next one is newer anyway
constexpr milliseconds kAnswerPatience{limits::kEyePingMs};
constexpr unsigned kEndWithinSeconds = 2;

eye::ModelName name_field(const std::string& name) {
  eye::ModelName field{};
  std::copy_n(name.begin(), std::min(name.size(), field.size() - 1), field.begin());
  return field;
}

tl::unexpected<Error> broken(const char* what) { return fail(Errc::protocol, std::string("the keeper sent ") + what); }

}  // namespace

Result<void> Service::run() {
  const ModelNames& names = analyser_.models();
  eye::Ready ready;
  ready.dlib = name_field(names.dlib);
  ready.feature = name_field(names.feature);
  ready.liveness = name_field(names.liveness);
  ready.detector = name_field(names.detector);
  if (!link_.send(eye::Type::ready, ready, kAnswerPatience)) return fail(Errc::io, "the keeper does not read the link");

  std::jthread analysing([this] { analyse_all(); });
  Result<void> ended = serve();
  // A driver or a decoder that hangs must not keep us: the default action of SIGALRM ends the process.
  ::alarm(kEndWithinSeconds);
  inbox_.close();
  capture_.reset();
  analysing.join();
  ::alarm(0);
  return ended;
}

Result<void> Service::serve() {
  for (;;) {
    Result<Packet> packet = link_.receive();
    if (!packet && packet.error().code == Errc::cancelled) return {};
    if (!packet) return fail(std::move(packet));
    if (Result<void> handled = handle(*std::move(packet)); !handled) return handled;
  }
}

Result<void> Service::handle(Packet packet) {
  Reader body(packet.bytes.data(), packet.size);
  switch (static_cast<eye::Type>(body.u8())) {
    case eye::Type::open_camera:
      return open_camera(body, std::move(packet.files));
    case eye::Type::encode_image:
      return encode_image(body, std::move(packet.files));
    case eye::Type::close_camera: {
      eye::CloseCamera close;
      if (!decode(body, close)) return broken("a malformed close_camera");
      if (close.session != session_) return {};
      capture_.reset();
      inbox_.forget_frame();
      return {};
    }
    case eye::Type::ping: {
      eye::Ping ping;
      if (!decode(body, ping)) return broken("a malformed ping");
      if (!link_.send(eye::Type::pong, ping, kAnswerPatience))
        return fail(Errc::io, "the keeper does not read the link");
      return {};
    }
    default:
      return broken("an unknown message");
  }
}

Result<void> Service::open_camera(Reader& body, std::vector<Fd> files) {
  eye::OpenCamera wanted;
  if (!decode(body, wanted) || files.empty()) return broken("a malformed open_camera");
  capture_.reset();  // before the new one: a device streams to one reader only
  inbox_.forget_frame();
  session_ = wanted.session;
  capture_.emplace(wanted, std::move(files), inbox_, [this](std::uint32_t session, const Error& error) {
    ::dprintf(STDERR_FILENO, "faced-vision: %s\n", error.message.c_str());
    (void)link_.send(eye::Type::camera_failed, eye::CameraFailed{session, error.code}, kAnswerPatience);
  });
  return {};
}

Result<void> Service::encode_image(Reader& body, std::vector<Fd> files) {
  eye::EncodeImage wanted;
  if (!decode(body, wanted) || files.size() != 1) return broken("a malformed encode_image");
  if (!inbox_.put(PictureJob{wanted.request, wanted.measure_liveness, std::move(files.front())}))
    return broken("more pictures than can wait");
  return {};
}

void Service::analyse_all() {
  while (std::optional<Job> job = inbox_.take()) std::visit([this](const auto& j) { perform(j); }, *job);
}

void Service::perform(const PictureJob& job) {
  eye::Image answer;
  answer.request = job.request;
  const Picture picture = read_image(job.file.get());
  if (picture)
    answer.sight = analyser_.analyse(*picture, Wants{true, job.liveness});
  else
    answer.sight.issue = picture.error();
  (void)link_.send(eye::Type::image, answer, kAnswerPatience);
}

void Service::perform(const FrameJob& job) {
  eye::Frame answer{job.session, job.sequence, job.captured_ns, analyser_.analyse(job.bgr, job.wants)};
  (void)link_.send(eye::Type::frame, answer, kFramePatience);
}

}  // namespace faceauth::vision
