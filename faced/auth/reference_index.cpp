#include <faced/auth/reference_index.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace faceauth {
namespace {

constexpr std::size_t kBlock = 256;  // rows whose products are weighed at once
constexpr std::size_t kNamesMost = std::numeric_limits<std::uint32_t>::max();

// For all that is rounded: the products' conversion to float, and distances that a float does not tell apart.
constexpr float kSlack = 1e-5F;

struct Quantised {
  float scale, error;
};

// The vector, scaled to length 1, as whole numbers up to `most` times a scale. Nothing for what cannot be measured.
template <class Number>
std::optional<Quantised> quantise(std::span<const float, kFeatureDims> from, double most, Number* to) {
  double square = 0, greatest = 0;
  for (const float v : from) {
    square += double{v} * double{v};
    greatest = std::max(greatest, std::abs(double{v}));
  }
  const double length = std::sqrt(square);
  if (!(length >= 1e-3) || !std::isfinite(length)) return std::nullopt;
  // What is multiplied with later is this float.
  const auto scale = static_cast<float>(greatest / length / most);
  double error = 0;
  for (std::size_t i = 0; i < kFeatureDims; ++i) {
    const double exact = double{from[i]} / length;
    const double number = std::clamp(std::round(exact / double{scale}), -most, most);
    to[i] = static_cast<Number>(number);
    const double off = exact - number * double{scale};
    error += off * off;
  }
  return Quantised{scale, static_cast<float>(std::sqrt(error)) * (1 + 1e-6F)};
}

}  // namespace

std::optional<ReferenceIndex> ReferenceIndex::with_room_for(std::size_t users) {
  if (users > kNamesMost / 2) return std::nullopt;
  SecretBytes memory = SecretBytes::locked(users * kBytesPerUser);
  if (users > 0 && memory.empty()) return std::nullopt;
  return in(std::move(memory));
}

std::int8_t* ReferenceIndex::row(std::size_t i) {
  return reinterpret_cast<std::int8_t*>(memory_.bytes().data()) + i * kFeatureDims;
}
const std::int8_t* ReferenceIndex::row(std::size_t i) const {
  return reinterpret_cast<const std::int8_t*>(memory_.bytes().data()) + i * kFeatureDims;
}
ReferenceIndex::About& ReferenceIndex::about(std::size_t i) {
  return reinterpret_cast<About*>(memory_.bytes().data() + capacity_ * kFeatureDims)[i];
}
const ReferenceIndex::About& ReferenceIndex::about(std::size_t i) const {
  return reinterpret_cast<const About*>(memory_.bytes().data() + capacity_ * kFeatureDims)[i];
}
std::string_view ReferenceIndex::name(std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(names_).substr(begin, ends_[i] - begin);
}

bool ReferenceIndex::add(std::string_view user, const Encodings& reference) {
  const std::size_t i = size();
  if (i == capacity_ || names_.size() + user.size() > kNamesMost) return false;
  const auto quantised = quantise<std::int8_t>(reference.feature, 127, row(i));
  if (!quantised) return true;
  about(i) = {quantised->scale, quantised->error};
  names_ += user;
  ends_.push_back(static_cast<std::uint32_t>(names_.size()));
  return true;
}

void ReferenceIndex::forget(std::string_view user) {
  std::size_t low = 0, high = size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (name(middle) < user) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || name(low) != user) return;
  wipe(row(low), kFeatureDims);
  about(low) = {0, kForgotten};
}

ReferenceScan::ReferenceScan(const ReferenceIndex& index, const Encodings& probe, MultiplyRows multiply)
    : index_(index), multiply_(multiply) {
  const auto quantised = quantise<std::int16_t>(probe.feature, 32767, probe_->data());
  if (!quantised) {
    next_ = index.size();
    return;
  }
  scale_ = quantised->scale;
  error_ = quantised->error;
}

bool ReferenceScan::step(std::size_t rows) {
  std::array<std::int32_t, kBlock> products;
  const std::size_t end = std::min(index_.size(), next_ + rows);
  while (next_ < end) {
    const std::size_t count = std::min(kBlock, end - next_);
    multiply_(probe_->data(), index_.row(next_), count, products.data());
    weigh(next_, count, products.data());
    next_ += count;
  }
  return next_ < index_.size();
}

// With p and r of length 1, p' and r' what they became, p.r - p'.r' = p'.(r - r') + (p - p').r, which is at most
// (1 + |p - p'|) |r - r'| + |p - p'|.
void ReferenceScan::weigh(std::size_t first, std::size_t count, const std::int32_t* products) {
  const ReferenceIndex::About* about = &index_.about(first);
  for (std::size_t i = 0; i < count; ++i) {
    if (about[i].error < 0) continue;
    const float cosine = static_cast<float>(products[i]) * scale_ * about[i].scale;
    const float off = (1 + error_) * about[i].error + error_ + kSlack;
    if (cosine + off < second_least_) continue;
    possible_.push_back({static_cast<std::uint32_t>(first + i), cosine + off});
    const float least = cosine - off;
    second_least_ = std::max(second_least_, std::min(least, best_least_));
    best_least_ = std::max(best_least_, least);
  }
}

std::vector<std::string> ReferenceScan::candidates() const {
  std::vector<std::string> names;
  for (const Possible& one : possible_)
    if (one.most >= second_least_) names.emplace_back(index_.name(one.row));
  return names;
}

}  // namespace faceauth
