// Everybody's references in eight bits a number, side by side in locked memory: whom a face can at all be nearest to.
// Who it is, Identifier says, by the references themselves (docs/decisions/0075-one-of-many.md).
#pragma once

#include <faced/auth/row_products.h>
#include <faced/crypto/secret.h>

#include <faceauth/sight.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faceauth {

class ReferenceIndex {
 public:
  // What a user takes of the locked memory.
  static constexpr std::size_t kBytesPerUser = kFeatureDims + 2 * sizeof(float);

  // Nothing when so much may not be locked.
  [[nodiscard]] static std::optional<ReferenceIndex> with_room_for(std::size_t users);

  // For as many as fit into `memory`, locked or not.
  [[nodiscard]] static ReferenceIndex in(SecretBytes memory) {
    const std::size_t capacity = memory.size() / kBytesPerUser;
    return ReferenceIndex(std::move(memory), capacity);
  }

  // In the order of names. False when there is no room. A reference that cannot be measured is nobody's and takes none.
  [[nodiscard]] bool add(std::string_view user, const Encodings& reference);

  // Wipes what is held of him.
  void forget(std::string_view user);

  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::size_t memory() const noexcept { return memory_.size(); }  // bytes

 private:
  friend class ReferenceScan;
  // The row times `scale` is at most `error` (L2) away from the reference scaled to length 1.
  struct About {
    float scale, error;
  };
  static constexpr float kForgotten = -1;  // as an error

  ReferenceIndex(SecretBytes memory, std::size_t capacity) : memory_(std::move(memory)), capacity_(capacity) {}
  [[nodiscard]] std::int8_t* row(std::size_t i);
  [[nodiscard]] const std::int8_t* row(std::size_t i) const;
  [[nodiscard]] About& about(std::size_t i);
  [[nodiscard]] const About& about(std::size_t i) const;
  [[nodiscard]] std::string_view name(std::size_t i) const;

  SecretBytes memory_;  // all rows, then all Abouts
  std::size_t capacity_;
  std::string names_;                // one behind the other
  std::vector<std::uint32_t> ends_;  // of the names
};

// One face against all rows, in portions. Until its end the index lives and forgets nobody.
class ReferenceScan {
 public:
  ReferenceScan(const ReferenceIndex& index, const Encodings& probe, MultiplyRows multiply = best_products());

  // Looks at the next `rows`; false when none are left.
  [[nodiscard]] bool step(std::size_t rows);

  // When none are left, in the order of names: a set in which the nearest and the second nearest user are for certain.
  [[nodiscard]] std::vector<std::string> candidates() const;

 private:
  struct Possible {
    std::uint32_t row;
    float most;  // the cosine
  };
  void weigh(std::size_t first, std::size_t count, const std::int32_t* products);

  const ReferenceIndex& index_;
  MultiplyRows multiply_;
  Secret<std::array<std::int16_t, kFeatureDims>> probe_;
  float scale_ = 0, error_ = 0;
  std::size_t next_ = 0;
  float best_least_ = -2, second_least_ = -2;  // the least that the two highest cosines can be
  std::vector<Possible> possible_;
};

}  // namespace faceauth
