// As many users as one likes, each from his number, in one transaction: enrolling them one by one rewrites the keyring
// for each.
#pragma once

#include <faced/store/restore.h>
#include <faced/store/store.h>

#include <cstdint>
#include <optional>
#include <string>

namespace faceauth::test {

class InventedUsers final : public RestoreSource {
 public:
  InventedUsers(std::uint64_t first, std::uint64_t count) : first_(first), end_(first + count), next_(first) {}

  static std::string name(std::uint64_t number) { return "user" + std::to_string(10'000'000 + number); }

  Result<void> rewind() override {
    next_ = first_;
    return {};
  }
  Result<std::optional<BackupUser>> next() override {
    if (next_ == end_) return std::optional<BackupUser>{};
    BackupUser user;
    user.name = name(next_);
    user.uid = static_cast<std::uint32_t>(20'000 + next_);
    Template one;
    one.info = {{1}, "desk", "photo", "dlib", "feature", {}};
    for (std::size_t i = 0; i < kFeatureDims; ++i)
      one.encodings->feature[i] = static_cast<float>((next_ + 1) * (i + 7) % 251) - 125;
    one.encodings->dlib.fill(0.1F);
    user.templates.push_back(std::move(one));
    ++next_;
    return std::optional<BackupUser>(std::move(user));
  }

 private:
  std::uint64_t first_, end_, next_;
};

// In portions, so that no transaction grows beyond memory.
[[nodiscard]] inline Result<void> fill_with(Store& store, std::uint64_t users) {
  constexpr std::uint64_t kPortion = 50'000;
  for (std::uint64_t first = 0; first < users; first += kPortion) {
    const std::uint64_t count = users - first < kPortion ? users - first : kPortion;
    InventedUsers portion(first, count);
    const Result<Restored> restored = store.restore(portion, count, RestoreMode::merge);
    if (!restored) return tl::unexpected<Error>(restored.error());
  }
  return {};
}

}  // namespace faceauth::test
