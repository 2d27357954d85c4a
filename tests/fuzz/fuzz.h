// What every target shares: a target reads one input, and aborts when a property does not hold.
#pragma once

#include <faceauth/protocol.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace faceauth::fuzz {

inline void must(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

// What decodes is canonical: encoding it again gives the very bytes.
template <class Body>
void check_body(const std::uint8_t* data, std::size_t size) {
  Body body;
  Reader r(data, size);
  if (!decode(r, body)) return;
  static std::uint8_t out[1u << 16];
  Writer w(out, sizeof out);
  encode(w, body);
  must(w.good() && w.size() == size, "a body has one encoding, of one size");
  must(size == 0 || std::memcmp(out, data, size) == 0, "a body has one encoding");
}

// A frame's header and what follows it; false when the header is refused.
struct Frame {
  wire::Header header;
  const std::uint8_t* body = nullptr;
  std::size_t size = 0;
};
inline bool split_frame(const std::uint8_t* data, std::size_t size, Frame& out) {
  if (size < wire::kHeaderSize) return false;
  std::uint8_t head[wire::kHeaderSize];
  std::memcpy(head, data, sizeof head);
  if (!wire::decode_header(head, out.header)) return false;
  must(out.header.body_size <= wire::kBodyMax, "a header announces no more than a frame holds");
  out.body = data + wire::kHeaderSize;
  out.size = size - wire::kHeaderSize;
  return true;
}

}  // namespace faceauth::fuzz
