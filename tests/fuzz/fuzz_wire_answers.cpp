// The clients' side of the wire protocol: a whole frame as a keeper, or who pretends to be one, may send it.
#include "fuzz.h"

#include <faceauth/protocol.h>

using namespace faceauth;
using faceauth::fuzz::check_body;
using wire::Type;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Frame frame;
  if (!fuzz::split_frame(data, size, frame)) return 0;
  switch (frame.header.type) {
    case Type::ack:
      check_body<wire::Ack>(frame.body, frame.size);
      break;
    case Type::ask:
      check_body<wire::Ask>(frame.body, frame.size);
      break;
    case Type::notice:
      check_body<wire::NoticeBody>(frame.body, frame.size);
      break;
    case Type::verdict:
      check_body<wire::VerdictBody>(frame.body, frame.size);
      break;
    case Type::reported:
      check_body<wire::Reported>(frame.body, frame.size);
      break;
    case Type::image_result:
      check_body<wire::ImageResult>(frame.body, frame.size);
      break;
    case Type::verify_result:
      check_body<wire::VerifyResult>(frame.body, frame.size);
      break;
    case Type::identify_result:
      check_body<wire::IdentifyResult>(frame.body, frame.size);
      break;
    case Type::list_user:
      check_body<wire::ListUser>(frame.body, frame.size);
      break;
    case Type::list_template:
      check_body<wire::ListTemplate>(frame.body, frame.size);
      break;
    case Type::status_result:
      check_body<wire::StatusResult>(frame.body, frame.size);
      break;
    case Type::camera:
      check_body<wire::CameraInfo>(frame.body, frame.size);
      break;
    case Type::view:
      check_body<wire::View>(frame.body, frame.size);
      break;
    case Type::failure:
      check_body<wire::Failure>(frame.body, frame.size);
      break;
    case Type::log_entry:
      check_body<wire::LogEntry>(frame.body, frame.size);
      break;
    case Type::log_check:
      check_body<wire::LogCheck>(frame.body, frame.size);
      break;
    case Type::rekeyed:
      check_body<wire::Rekeyed>(frame.body, frame.size);
      break;
    case Type::backup_chunk:
      check_body<wire::BackupChunk>(frame.body, frame.size);
      break;
    case Type::restore_result:
      check_body<wire::RestoreResult>(frame.body, frame.size);
      break;
    default:
      check_body<wire::Empty>(frame.body, frame.size);
  }
  return 0;
}
