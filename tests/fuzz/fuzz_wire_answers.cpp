// The clients' side of the wire protocol: a whole frame as a keeper, or who pretends to be one, may send it.
#include "fuzz.h"

#include <faceauth/protocol.h>

using namespace faceauth;
using faceauth::fuzz::check_body;
using wire::Type;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wire::kHeaderSize) return 0;
  std::uint8_t head[wire::kHeaderSize];
  std::memcpy(head, data, sizeof head);
  wire::Header header;
  if (!wire::decode_header(head, header)) return 0;
  const std::uint8_t* body = data + wire::kHeaderSize;
  const std::size_t n = size - wire::kHeaderSize;
  switch (header.type) {
    case Type::ack:
      check_body<wire::Ack>(body, n);
      break;
    case Type::ask:
      check_body<wire::Ask>(body, n);
      break;
    case Type::notice:
      check_body<wire::NoticeBody>(body, n);
      break;
    case Type::verdict:
      check_body<wire::VerdictBody>(body, n);
      break;
    case Type::image_result:
      check_body<wire::ImageResult>(body, n);
      break;
    case Type::verify_result:
      check_body<wire::VerifyResult>(body, n);
      break;
    case Type::identify_result:
      check_body<wire::IdentifyResult>(body, n);
      break;
    case Type::list_user:
      check_body<wire::ListUser>(body, n);
      break;
    case Type::list_template:
      check_body<wire::ListTemplate>(body, n);
      break;
    case Type::status_result:
      check_body<wire::StatusResult>(body, n);
      break;
    case Type::failure:
      check_body<wire::Failure>(body, n);
      break;
    default:
      check_body<wire::Empty>(body, n);
  }
  return 0;
}
