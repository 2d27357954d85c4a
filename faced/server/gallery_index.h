// What identification keeps between requests: an index of everybody's references for each light. On the keeper's
// thread.
#pragma once

#include <faced/auth/reference_index.h>
#include <faced/server/asio.h>

#include <faceauth/modality.h>

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace faceauth {

class GalleryIndex {
 public:
  struct Light {
    std::string dlib_model, feature_model;  // that made the references
    ReferenceIndex index;
    std::set<std::string> changed{};  // since it was made: to be looked up in the store
    bool complete = false;
    bool dropped = false;  // while it was being made
  };

  explicit GalleryIndex(asio::io_context& io) : idle_(io) {}

  // The store calls this. An empty name: all that is kept is out of date.
  void changed(std::string_view user);

  // Grows with every change: what was found while it stood still is as the store has it.
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

  [[nodiscard]] std::shared_ptr<Light> of(Modality modality) { return lights_[place(modality)]; }
  void keep(Modality modality, std::shared_ptr<Light> light) { lights_[place(modality)] = std::move(light); }
  void drop(Modality modality);

  // Whether an index of this light, of so many users, and the other light's together take at most `lockable` bytes.
  [[nodiscard]] bool has_room(Modality modality, std::size_t users, std::size_t lockable) const;

  // Nothing is kept for longer than this after the last use.
  static constexpr std::chrono::minutes kKept{10};
  void used();

  // True once for each size of gallery: said once is enough.
  [[nodiscard]] bool first_without_room(std::size_t users) { return std::exchange(without_room_, users) != users; }

 private:
  static std::size_t place(Modality modality) { return modality == Modality::infrared ? 1 : 0; }

  std::array<std::shared_ptr<Light>, 2> lights_;
  asio::steady_timer idle_;
  std::uint64_t changes_ = 0;
  std::size_t without_room_ = 0;
};

}  // namespace faceauth
