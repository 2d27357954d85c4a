// The keeper's side of the wire protocol: a whole frame as a client may send it.
#include "fuzz.h"

#include <faceauth/protocol.h>

using namespace faceauth;
using faceauth::fuzz::check_body;
using wire::Type;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Frame frame;
  if (!fuzz::split_frame(data, size, frame)) return 0;
  switch (frame.header.type) {
    case Type::auth_begin:
    case Type::auth_identify:
      check_body<wire::AuthBegin>(frame.body, frame.size);
      break;
    case Type::answer:
      check_body<wire::Answer>(frame.body, frame.size);
      break;
    case Type::report:
      check_body<wire::Report>(frame.body, frame.size);
      break;
    case Type::prove_password:
      check_body<wire::ProvePassword>(frame.body, frame.size);
      break;
    case Type::set_password:
      check_body<wire::SetPassword>(frame.body, frame.size);
      break;
    case Type::enroll_begin:
      check_body<wire::EnrollBegin>(frame.body, frame.size);
      break;
    case Type::verify_begin:
      check_body<wire::VerifyBegin>(frame.body, frame.size);
      break;
    case Type::identify_begin:
      check_body<wire::IdentifyBegin>(frame.body, frame.size);
      break;
    case Type::list:
      check_body<wire::ListBegin>(frame.body, frame.size);
      break;
    case Type::import_template:
      check_body<wire::ImportTemplate>(frame.body, frame.size);
      break;
    case Type::remove:
      check_body<wire::Remove>(frame.body, frame.size);
      break;
    case Type::unlock:
    case Type::disable:
    case Type::enable:
    case Type::cameras:
    case Type::preview_begin:
      check_body<wire::UserOnly>(frame.body, frame.size);
      break;
    case Type::log:
      check_body<wire::LogBegin>(frame.body, frame.size);
      break;
    case Type::rekey:
      check_body<wire::Rekey>(frame.body, frame.size);
      break;
    case Type::backup:
      check_body<wire::BackupBegin>(frame.body, frame.size);
      break;
    case Type::restore:
      check_body<wire::RestoreBegin>(frame.body, frame.size);
      break;
    case Type::restore_chunk:
      check_body<wire::RestoreChunk>(frame.body, frame.size);
      break;
    default:
      check_body<wire::Empty>(frame.body, frame.size);
  }
  return 0;
}
