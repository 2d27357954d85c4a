// Lists of pairs: how they are read, cut into folds and weighed.
#include <tests/accuracy/pairs.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>
#include <tests/unit/support/temp_dir.h>

#include <fstream>

namespace faceauth::eval {
namespace {

void put(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

TEST(Pairs, AreReadWithOrWithoutAHeadingAndKind) {
  const test::TempDir root;
  const std::string csv = root.path() + "/pairs.csv";
  put(csv, "path_a,path_b,same,kind\na/1.jpg,a/2.jpg,1,day\r\na/1.jpg,b/1.jpg,0,night\n");
  const Result<PairList> list = read_pairs(csv, "/photos");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->pairs.size(), 2U);
  EXPECT_EQ(list->files.size(), 3U);
  EXPECT_EQ(list->files[0], "/photos/a/1.jpg");
  EXPECT_TRUE(list->pairs[0].same);
  EXPECT_EQ(list->pairs[1].kind, "night");
  put(csv, "a/1.jpg,a/2.jpg,1\nnonsense\n");
  const Result<PairList> broken = read_pairs(csv, "/photos");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find(":2:"), std::string::npos) << "names the line";
}

// Two pictures per person: 2p and 2p + 1. `near` of each pair of one person is 0.5, else 1.3.
struct List {
  PairList list;
  std::vector<Sight> sights;

  void person(bool near = true) {
    const auto p = static_cast<unsigned>(sights.size() / 2);
    const Encodings first = test::person(p + 1);
    sights.push_back(test::sight_of(first));
    sights.push_back(test::sight_of(test::away(first, near ? 0.5F : 1.3F, 0.3F, 700 + p)));
    for (const char* name : {"/1.jpg", "/2.jpg"}) list.files.push_back("p" + std::to_string(p) + name);
  }
  void same(std::size_t person) { list.pairs.push_back({2 * person, 2 * person + 1, true, ""}); }
  void different(std::size_t a, std::size_t b) { list.pairs.push_back({2 * a, 2 * b, false, ""}); }
  [[nodiscard]] Json feature() const { return judge_pairs(list, sights).at("recognisers").at("feature"); }
};

TEST(PairFolds, FollowTheRunsOfTheList) {
  List l;
  for (int i = 0; i < 12; ++i) l.person();
  for (std::size_t fold = 0; fold < 3; ++fold) {  // of unequal sizes
    for (std::size_t i = 0; i < 2 + fold; ++i) l.same(4 * fold + i % 4);
    for (std::size_t i = 0; i < 3; ++i) l.different(4 * fold + i, 4 * fold + i + 1);
  }
  const Json feature = l.feature();
  EXPECT_EQ(feature["folds"], 3U);
  EXPECT_EQ(feature["folds_of_list"], true);
  EXPECT_EQ(feature["accuracy"], 1.0);
}

TEST(PairFolds, AnErrorCountsInItsOwnFold) {
  List l;
  for (int i = 0; i < 7; ++i) l.person();
  l.person(false);  // the last one is not recognised
  for (std::size_t fold = 0; fold < 2; ++fold) {
    for (std::size_t i = 0; i < 4; ++i) l.same(4 * fold + i);
    for (std::size_t i = 0; i < 4; ++i) l.different(4 * fold + i, (4 * fold + i + 1) % 8);
  }
  const Json feature = l.feature();
  EXPECT_EQ(feature["folds"], 2U);
  EXPECT_NEAR(feature["accuracy"].get<double>(), (1.0 + 7.0 / 8) / 2, 1e-9);
}

TEST(PairFolds, AListWithoutRunsIsCutInTen) {
  List l;
  for (int i = 0; i < 30; ++i) l.person();
  for (std::size_t i = 0; i < 30; ++i) {
    l.same(i);
    l.different(i, (i + 1) % 30);
  }
  EXPECT_EQ(l.feature()["folds"], 10U);
  EXPECT_EQ(l.feature()["folds_of_list"], false);
  List few;
  few.person();
  few.same(0);
  EXPECT_TRUE(few.feature().is_null()) << "nothing to judge by";
}

TEST(PairRates, WeighPeopleAlikeToo) {
  List l;
  l.person();
  l.person(false);
  for (int i = 0; i < 9; ++i) l.same(0);
  l.same(1);
  const Json at = judge_pairs(l.list, l.sights).at("shipped").at("balanced");
  EXPECT_DOUBLE_EQ(at["fnmr"].get<double>(), 0.1);
  EXPECT_DOUBLE_EQ(at["fnmr_by_person"].get<double>(), 0.5);
}

}  // namespace
}  // namespace faceauth::eval
