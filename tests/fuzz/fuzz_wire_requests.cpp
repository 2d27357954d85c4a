// The keeper's side of the wire protocol: a whole frame as a client may send it.
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
  fuzz::must(header.body_size <= wire::kBodyMax, "a header announces no more than a frame holds");
  const std::uint8_t* body = data + wire::kHeaderSize;
  const std::size_t n = size - wire::kHeaderSize;
  switch (header.type) {
    case Type::auth_begin:
      check_body<wire::AuthBegin>(body, n);
      break;
    case Type::answer:
      check_body<wire::Answer>(body, n);
      break;
    case Type::report:
      check_body<wire::Report>(body, n);
      break;
    case Type::prove_password:
      check_body<wire::ProvePassword>(body, n);
      break;
    case Type::set_password:
      check_body<wire::SetPassword>(body, n);
      break;
    case Type::enroll_begin:
      check_body<wire::EnrollBegin>(body, n);
      break;
    case Type::verify_begin:
      check_body<wire::VerifyBegin>(body, n);
      break;
    case Type::identify_begin:
      check_body<wire::IdentifyBegin>(body, n);
      break;
    case Type::list:
      check_body<wire::ListBegin>(body, n);
      break;
    case Type::remove:
      check_body<wire::Remove>(body, n);
      break;
    case Type::unlock:
    case Type::disable:
    case Type::enable:
      check_body<wire::UserOnly>(body, n);
      break;
    default:
      check_body<wire::Empty>(body, n);
  }
  return 0;
}
