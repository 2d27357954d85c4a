// cameras: every camera there is, and what a login would make of it.
#include <faced/server/handlers.h>
#include <faced/vision_link/camera_survey.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace faceauth {
namespace {

constexpr std::uint32_t kCamerasWithinMs = 5000;  // a driver that wakes its device takes its time

wire::Text within(std::string_view text, std::size_t most) { return as_text(text.substr(0, most)); }

wire::CameraInfo info_of(const SurveyedCamera& camera) {
  const CameraIdentity& is = camera.identity;
  wire::CameraInfo info;
  info.path = within(camera.path, limits::kTtyMax);
  info.name = within(is.name, limits::kLabelMax);
  info.driver = within(is.driver, limits::kLabelMax);
  info.bus = within(is.bus, limits::kLabelMax);
  info.usb_id = within(is.usb_id, limits::kLabelMax);
  info.serial = within(is.serial, limits::kLabelMax);
  std::copy_n(is.formats.begin(), std::min(is.formats.size(), wire::kCameraFormatsMax), info.formats);
  info.infrared = is.modality == Modality::infrared;
  info.is_virtual = is.is_virtual;
  info.removable = is.removable;
  info.trusted = !camera.refusal;
  info.chosen = camera.chosen;
  info.use = camera.streams_here        ? wire::CameraUse::ours
             : camera.streams_elsewhere ? wire::CameraUse::others
                                        : wire::CameraUse::idle;
  if (camera.refusal) info.why = within(camera.refusal->message, limits::kDetailMax);
  return info;
}

// What the policy of either camera of a login takes is trusted.
void join(std::vector<SurveyedCamera>& all, std::vector<SurveyedCamera> more) {
  for (SurveyedCamera& camera : more) {
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const SurveyedCamera& c) { return c.path == camera.path; });
    if (known == all.end()) {
      all.push_back(std::move(camera));
      continue;
    }
    known->chosen = known->chosen || camera.chosen;
    known->streams_here = known->streams_here || camera.streams_here;
    if (!camera.refusal) known->refusal.reset();
  }
}

}  // namespace

asio::awaitable<bool> handle_cameras(Keeper& keeper, Connection& client, Request) {
  wire::UserOnly who;
  Reader body = client.body();
  if (!wire::decode(body, who)) co_return false;
  if (!co_await client.send(wire::Type::ack, wire::Ack{kCamerasWithinMs})) co_return false;
  const std::shared_ptr<const Config> config = keeper.config;
  const Steady deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kCamerasWithinMs);
  std::vector<SurveyedCamera> cameras;
  for (std::size_t place = 0; place < config->cameras_asked(); ++place) {
    const CameraPolicy& policy = config->camera_at(place);
    const bool lid_closed = policy.lid_counts && co_await keeper.lid.is_closed();
    const auto survey = [policy, lid_closed, wishes = keeper.eye.wishes(*config, place),
                         ours = keeper.eye.streaming_from(place)] {
      return survey_cameras(policy, lid_closed, wishes, ours);
    };
    co_await keeper.survey.idle(deadline);
    Result<std::vector<SurveyedCamera>> seen = co_await keeper.survey.run(survey, deadline);
    if (!seen) co_return co_await client.send_failure(seen.error());
    join(cameras, *std::move(seen));
  }
  for (const SurveyedCamera& camera : cameras)
    if (!co_await client.send(wire::Type::camera, info_of(camera))) co_return false;
  co_return co_await client.send(wire::Type::done, wire::Empty{});
}

}  // namespace faceauth
