// A thousand users: listing works and one user's verification does the same work as in a store of one.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <faced/config/encoder.h>
#include <faced/crypto/aead.h>
#include <faced/crypto/master_key.h>
#include <faced/store/store.h>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace faceauth::test {
namespace {

using nlohmann::json;

constexpr int kUsers = 1000;

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (int i = 0; i < kUsers; ++i) names.push_back("user" + std::to_string(10000 + i));
  return names;
}

// The store is filled through its own interface; enrolling a thousand users by photo would test only patience.
void fill(const Daemon& daemon, const std::vector<std::string>& names) {
  const Result<Key> key = load_master_key("file:" + (daemon.dir() / "master.key").string(), true);
  ASSERT_TRUE(key) << key.error().message;
  Result<Store> store = Store::open((daemon.dir() / "store").string(), *key);
  ASSERT_TRUE(store) << store.error().message;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<Template> templates(3);
    for (Template& t : templates) {
      random_bytes(t.info.id);
      t.info.label = "photo";
      t.info.source = "photo";
      t.info.dlib_model = "stand-in-dlib:0000000000000000";
      t.info.feature_model = shipped_encoder().name();
      for (float& v : t.encodings->dlib) v = static_cast<float>(i % 17) * 0.01F - 0.05F;
      t.encodings->feature[i % kFeatureDims] = 1;
    }
    const Result<void> stored =
        store->enroll(names[i], static_cast<std::uint32_t>(20000 + i), std::move(templates), nullptr, {}, UnixTime{});
    ASSERT_TRUE(stored) << stored.error().message;
  }
}

double verify_ms(const Daemon& daemon, const std::string& user, const std::string& photo) {
  const auto begun = std::chrono::steady_clock::now();
  WireClient client(daemon.socket());
  client.send(wire::Type::verify_begin, wire::VerifyBegin{.user = text(user)});
  client.send_image(photo);
  client.send(wire::Type::finish, wire::Empty{});
  const auto image = client.answer(), answer = client.answer();
  const auto result = answer ? answer->as<wire::VerifyResult>() : std::nullopt;
  EXPECT_TRUE(result && result->verdict == Verdict::match);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

std::string identified(const Daemon& daemon, const std::string& face) {
  const Ran ran = tool(daemon, {"--json", "identify", "--image", daemon.text_image("probe", face)});
  const json answer = json::parse(ran.out, nullptr, false);
  return answer.is_object() && answer.contains("user") && answer["user"].is_string() ? answer["user"].get<std::string>()
                                                                                     : "";
}

// As the store has them at that moment, whatever was kept from the request before.
void expect_identified(const Daemon& daemon) {
  EXPECT_EQ(identified(daemon, "face 11"), "ann");
  EXPECT_EQ(identified(daemon, "face 12"), "");
  ASSERT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
  EXPECT_EQ(identified(daemon, "face 11"), "");
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11")}).code, 0);
  EXPECT_EQ(identified(daemon, "face 11"), "ann");
}

constexpr char kWithoutIndex[] = "identify opens every template each time";

void expect_identified_with_and_without_index(Daemon& daemon) {
  expect_identified(daemon);
  EXPECT_EQ(daemon.log().find(kWithoutIndex), std::string::npos);
  EXPECT_EQ(daemon.stop(), 0);
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  const rlimit little{256 * 1024, limit.rlim_max};
  ::setrlimit(RLIMIT_MEMLOCK, &little);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ::setrlimit(RLIMIT_MEMLOCK, &limit);
  expect_identified(daemon);
  EXPECT_NE(daemon.log().find(kWithoutIndex), std::string::npos);
}

TEST(Scale, AThousandUsersWithThreeTemplatesEach) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  std::vector<std::string> names = all_names();
  names.emplace_back("ann");
  Daemon many({.users = names}), one({.users = {"ann"}});
  names.pop_back();
  fill(many, names);
  ASSERT_TRUE(many.start()) << many.log();
  ASSERT_TRUE(one.start()) << one.log();
  for (const Daemon* daemon : {&many, &one})
    ASSERT_EQ(tool(*daemon, {"enroll", "ann", "--image", daemon->text_image("ann", "face 11")}).code, 0)
        << daemon->log();

  const Ran listed = tool(many, {"--json", "list"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  const json users = json::parse(listed.out)["users"];
  ASSERT_EQ(users.size(), names.size() + 1);
  EXPECT_TRUE(std::all_of(users.begin(), users.end(),
                          [](const json& u) { return u["user"] == "ann" || u["templates"].size() == 3; }));

  const json status = json::parse(tool(many, {"--json", "status"}).out);
  EXPECT_EQ(status["store"]["users"], kUsers + 1);
  EXPECT_EQ(status["store"]["templates"], 3 * kUsers + 1);
  // Turn by turn, so that a busy machine slows both alike. A figure to read, not a bound to fail on.
  const std::string probe_many = many.text_image("ann", "face 11"), probe_one = one.text_image("ann", "face 11");
  std::vector<double> in_many, in_one;
  for (int i = 0; i < 201; ++i) {
    in_many.push_back(verify_ms(many, "ann", probe_many));
    in_one.push_back(verify_ms(one, "ann", probe_one));
  }
  std::cout << "store of " << kUsers << " users: " << status["store"]["bytes"] << " bytes; list "
            << listed.elapsed.count() << " ms; verify median " << median(in_many) << " ms among them, "
            << median(in_one) << " ms alone, ratio " << median(in_many) / median(in_one) << "\n";
  expect_identified_with_and_without_index(many);
}

}  // namespace
}  // namespace faceauth::test
