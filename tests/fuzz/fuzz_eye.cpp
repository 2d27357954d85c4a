// A packet of the private protocol between the keeper and the eye, in either direction.
#include "fuzz.h"

#include <faced/vision_link/eye_protocol.h>

using namespace faceauth;
using eye::Type;
using faceauth::fuzz::check_body;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > eye::kPacketMax) return 0;
  const std::uint8_t* body = data + 1;
  const std::size_t n = size - 1;
  switch (static_cast<Type>(data[0])) {
    case Type::open_camera:
      check_body<eye::OpenCamera>(body, n);
      break;
    case Type::encode_image:
      check_body<eye::EncodeImage>(body, n);
      break;
    case Type::ping:
    case Type::pong:
      check_body<eye::Ping>(body, n);
      break;
    case Type::worker_died:
      check_body<eye::WorkerDied>(body, n);
      break;
    case Type::ready:
      check_body<eye::Ready>(body, n);
      break;
    case Type::frame:
      check_body<eye::Frame>(body, n);
      break;
    case Type::camera_failed:
      check_body<eye::CameraFailed>(body, n);
      break;
    case Type::image:
      check_body<eye::Image>(body, n);
      break;
  }
  return 0;
}
