#include <faced/server/gallery_index.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace faceauth {
namespace {

Encodings person(std::size_t place) {
  Encodings e{};
  e.feature[place] = 1;
  e.dlib[0] = 1;
  return e;
}

std::vector<std::string> candidates(const ReferenceIndex& index, const Encodings& probe) {
  ReferenceScan scan(index, probe);
  while (scan.step(1000)) {
  }
  return scan.candidates();
}

class TheGalleryIndex : public testing::Test {
 protected:
  TheGalleryIndex() {
    auto light = std::make_shared<GalleryIndex::Light>(
        GalleryIndex::Light{"dlib", "feature", *ReferenceIndex::with_room_for(kUsers)});
    for (std::size_t i = 0; i < kUsers; ++i) EXPECT_TRUE(light->index.add("user" + std::to_string(100 + i), person(i)));
    light->complete = true;
    gallery.keep(Modality::color, light);
  }

  static constexpr std::size_t kUsers = 100;
  asio::io_context io;
  GalleryIndex gallery{io};
};

TEST_F(TheGalleryIndex, WhoeverChangedIsNoCandidateAnyMore) {
  const auto light = gallery.of(Modality::color);
  const auto was = candidates(light->index, person(7));
  ASSERT_EQ(std::count(was.begin(), was.end(), "user107"), 1);
  const std::uint64_t before = gallery.changes();
  gallery.changed("user107");
  gallery.changed("somebody new");
  EXPECT_EQ(gallery.changes(), before + 2);
  const auto now = candidates(light->index, person(7));
  EXPECT_EQ(std::count(now.begin(), now.end(), "user107"), 0);
  EXPECT_EQ(light->changed, (std::set<std::string>{"somebody new", "user107"}));
  EXPECT_EQ(gallery.of(Modality::color), light);
}

TEST_F(TheGalleryIndex, ARestoreAndManyChangesDropIt) {
  const auto light = gallery.of(Modality::color);
  for (int i = 0; i < 256; ++i) gallery.changed("new" + std::to_string(i));
  EXPECT_FALSE(light->dropped);
  gallery.changed("one more");
  EXPECT_TRUE(light->dropped);
  EXPECT_EQ(gallery.of(Modality::color), nullptr);

  const auto infrared =
      std::make_shared<GalleryIndex::Light>(GalleryIndex::Light{"dlib", "feature", *ReferenceIndex::with_room_for(1)});
  gallery.keep(Modality::infrared, infrared);
  EXPECT_EQ(gallery.of(Modality::color), nullptr);
  EXPECT_EQ(gallery.of(Modality::infrared), infrared);
  gallery.changed("");
  EXPECT_EQ(gallery.of(Modality::infrared), nullptr);
}

TEST_F(TheGalleryIndex, BothLightsTogetherAreBounded) {
  constexpr std::size_t kEach = kUsers * ReferenceIndex::kBytesPerUser;
  EXPECT_TRUE(gallery.has_room(Modality::color, kUsers, kEach)) << "in place of the one there is";
  EXPECT_FALSE(gallery.has_room(Modality::color, kUsers, kEach - 1));
  EXPECT_FALSE(gallery.has_room(Modality::infrared, kUsers, 2 * kEach - 1));
  EXPECT_TRUE(gallery.has_room(Modality::infrared, kUsers, 2 * kEach));
  EXPECT_FALSE(gallery.has_room(Modality::infrared, 1, kEach / 2));
  gallery.drop(Modality::color);
  EXPECT_TRUE(gallery.has_room(Modality::infrared, kUsers, kEach));
}

TEST_F(TheGalleryIndex, SaysOnceForEachSizeThatThereIsNoRoom) {
  EXPECT_TRUE(gallery.first_without_room(100));
  EXPECT_FALSE(gallery.first_without_room(100));
  EXPECT_TRUE(gallery.first_without_room(101));
}

}  // namespace
}  // namespace faceauth
