// A sequence of sealed chunks (XChaCha20-Poly1305 as libsodium's secretstream): each is authenticated, and so are their
// order and the end, so a sequence that was cut, reordered or added to does not open.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace faceauth {

inline constexpr std::size_t kStreamHeader = 24;
inline constexpr std::size_t kStreamOverhead = 17;
using StreamHeader = std::array<std::uint8_t, kStreamHeader>;

class SealingStream {
 public:
  explicit SealingStream(const Key& key);
  // Goes in clear in front of the chunks.
  [[nodiscard]] const StreamHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::vector<std::uint8_t> seal(std::span<const std::uint8_t> plain,
                                               std::span<const std::uint8_t> associated, bool last);

 private:
  Secret<std::array<std::uint8_t, 52>> state_;
  StreamHeader header_{};
};

class OpeningStream {
 public:
  struct Chunk {
    SecretBytes plain;
    bool last = false;
  };

  OpeningStream(const Key& key, const StreamHeader& header);
  // Errors: corrupt when this is not the next chunk, or when there was a last one already.
  [[nodiscard]] Result<Chunk> open(std::span<const std::uint8_t> sealed, std::span<const std::uint8_t> associated);

 private:
  Secret<std::array<std::uint8_t, 52>> state_;
  bool ended_ = false;
};

}  // namespace faceauth
