#include <faced/server/gallery_index.h>

#include <algorithm>

namespace faceauth {
namespace {

// More than this, or than a 64th of the rows, and making the index anew costs less than looking all of them up.
constexpr std::size_t kChangedMost = 256;

}  // namespace

void GalleryIndex::changed(std::string_view user) {
  ++changes_;
  for (const Modality modality : {Modality::color, Modality::infrared}) {
    const std::shared_ptr<Light> light = of(modality);
    if (!light) continue;
    light->index.forget(user);
    light->changed.emplace(user);
    if (user.empty() || light->changed.size() > std::max(kChangedMost, light->index.size() / 64)) drop(modality);
  }
}

void GalleryIndex::drop(Modality modality) {
  if (std::shared_ptr<Light>& light = lights_[place(modality)]) {
    light->dropped = true;
    light.reset();
  }
}

bool GalleryIndex::has_room(Modality modality, std::size_t users, std::size_t lockable) const {
  const std::shared_ptr<Light>& other = lights_[1 - place(modality)];
  const std::size_t taken = other ? other->index.memory() : 0;
  return taken <= lockable && users <= (lockable - taken) / ReferenceIndex::kBytesPerUser;
}

void GalleryIndex::used() {
  idle_.expires_after(kKept);
  idle_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    drop(Modality::color);
    drop(Modality::infrared);
  });
}

}  // namespace faceauth
