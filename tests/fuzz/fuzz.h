// What every target shares: a target reads one input, and aborts when a property does not hold.
#pragma once

#include <faceauth/bytes.h>

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

}  // namespace faceauth::fuzz
