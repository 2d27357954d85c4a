// What people leave in folders of photos, and the cache.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/accuracy/cache.h>
#include <tests/accuracy/dataset.h>
#include <tests/accuracy/encode.h>
#include <tests/support/built.h>
#include <tests/unit/auth/people.h>
#include <tests/unit/support/temp_dir.h>

#include <filesystem>
#include <fstream>

namespace faceauth::eval {
namespace {

namespace fs = std::filesystem;

void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

TEST(Folders, ImagesCountByNameOrContentAndTheRestIsTold) {
  const test::TempDir root;
  const std::string dir = root.path();
  for (const char* name : {"/bob", "/ann", "/empty", "/only-text"}) fs::create_directory(dir + name);
  put(dir + "/ann/2.jpg", "not really");
  put(dir + "/ann/10.jpg", "");
  put(dir + "/ann/photo-without-extension", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10", 24));
  put(dir + "/ann/.hidden.jpg", "x");
  put(dir + "/ann/README.txt", "hello");
  put(dir + "/bob/1.PNG", "x");
  put(dir + "/only-text/notes", "x");
  put(dir + "/stray.jpg", "x");
  ASSERT_EQ(::mkfifo((dir + "/bob/pipe.jpg").c_str(), 0600), 0);
  const Result<Dataset> data = read_people(dir);
  ASSERT_TRUE(data);
  ASSERT_EQ(data->people.size(), 2U);
  EXPECT_EQ(data->people[0].name, "ann");
  ASSERT_EQ(data->people[0].images.size(), 3U);
  EXPECT_EQ(data->files[data->people[0].images[0]], dir + "/ann/10.jpg") << "name order is by bytes";
  EXPECT_EQ(data->people[1].images.size(), 1U) << "a pipe is not opened";
  EXPECT_EQ(data->passed.size(), 5U) << "README, pipe, notes, two folders without a picture";
}

TEST(Folders, NobodyIsAnError) {
  const test::TempDir root;
  EXPECT_FALSE(read_people(root.path()));
  EXPECT_FALSE(read_people(root.path() + "/absent"));
}

TEST(Folders, HalvesAreDisjointAndWhole) {
  Dataset all;
  for (int i = 0; i < 100; ++i) {
    all.people.push_back({"person" + std::to_string(i), {all.files.size(), all.files.size() + 1}});
    all.files.insert(all.files.end(), {"a" + std::to_string(i), "b" + std::to_string(i)});
  }
  Dataset fit = all, report = all;
  keep_half(fit, Half::fit);
  keep_half(report, Half::report);
  EXPECT_EQ(fit.people.size() + report.people.size(), 100U);
  EXPECT_GT(fit.people.size(), 30U);
  EXPECT_GT(report.people.size(), 30U);
  for (const Dataset* half : {&fit, &report}) {
    EXPECT_EQ(half->files.size(), 2 * half->people.size());
    for (const Person& p : half->people)
      EXPECT_EQ(half->files[p.images[1]], "b" + p.name.substr(std::string("person").size()));
  }
}

TEST(Cache, FindsWhatItKeptAndNothingElse) {
  const test::TempDir root;
  const std::string dir = root.path() + "/encodings";
  const Result<Cache> cache = Cache::open(dir);
  ASSERT_TRUE(cache);
  struct stat st {};
  ASSERT_EQ(::stat(dir.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700U);
  const std::vector<std::uint8_t> file = {1, 2, 3}, other = {1, 2, 4};
  const Sight sight = test::sight_of(test::person(1));
  EXPECT_FALSE(cache->find(file, "plain"));
  cache->keep(file, "plain", sight);
  const auto found = cache->find(file, "plain");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->encodings.feature, sight.encodings.feature);
  EXPECT_FALSE(cache->find(other, "plain"));
  EXPECT_FALSE(cache->find(file, "dark"));

  for (const auto& entry : fs::directory_iterator(dir)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600U);
    std::fstream damaged(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(100);
    damaged.put('\x55');
  }
  EXPECT_FALSE(cache->find(file, "plain")) << "a damaged entry is no figure";
}

// A decoder that was at a loss once must be asked again.
TEST(Cache, KeepsNothingOfAFileThatCouldNotBeRead) {
  const test::TempDir root;
  const Result<Cache> cache = Cache::open(root.path() + "/encodings");
  ASSERT_TRUE(cache);
  put(root.path() + "/broken.jpg", "not really");
  const std::vector<std::string> files = {root.path() + "/broken.jpg"};
  const Result<std::vector<Sight>> sights = encode_files({{test::built::kModels}, 1, *cache}, files);
  ASSERT_TRUE(sights) << sights.error().message;
  EXPECT_EQ(sights->front().issue, FaceIssue::unreadable);
  EXPECT_TRUE(fs::is_empty(root.path() + "/encodings"));
}

TEST(Cache, ADirectoryThatOthersMayReadIsRefused) {
  const test::TempDir root;
  const std::string dir = root.path() + "/encodings";
  ASSERT_EQ(::mkdir(dir.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(dir.c_str(), 0750), 0);
  const Result<Cache> cache = Cache::open(dir);
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().code, Errc::unsafe_path);
}

}  // namespace
}  // namespace faceauth::eval
