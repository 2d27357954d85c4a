// Somebody who sits at the machine when he asks, and no more when he answers.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace faceauth::test {
namespace {

using wire::Type;

class Away : public testing::TestWithParam<Type> {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    std::ofstream(active).put('1');
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann.txt", "face 11")}).code, 0);
    daemon.show_text("face 11");
  }
  // Of a login that wants Enter, which comes after `meanwhile`.
  template <class Meanwhile>
  std::optional<wire::VerdictBody> login_with(const Meanwhile& meanwhile) {
    WireClient client(daemon.socket());
    wire::AuthBegin question{
        .service = text("x"), .factors = Factors::face, .intent = Intent::enter, .timeout_ms = 2000};
    if (GetParam() == Type::auth_begin) question.user = text("ann");
    client.send(GetParam(), question);
    const auto asked = client.answer();
    if (!asked || asked->header.type != Type::ask) return std::nullopt;
    meanwhile();
    client.send(Type::answer, wire::Answer{wire::Answers::enter, {}});
    const auto answer = client.answer();
    return answer ? answer->as<wire::VerdictBody>() : std::nullopt;
  }

  Daemon daemon{{.fake_logind = true, .timeout_s = 2, .users = {"ann"}}};
  const std::string active = daemon.dir() / "active";
};

TEST_P(Away, WhoStaysIsLookedAt) {
  const auto verdict = login_with([] {});
  ASSERT_TRUE(verdict) << daemon.log();
  EXPECT_EQ(verdict->verdict, Verdict::match);
}

TEST_P(Away, WhoAnswersFromElsewhereIsNot) {
  const auto verdict = login_with([this] { std::filesystem::remove(active); });
  ASSERT_TRUE(verdict) << daemon.log();
  EXPECT_EQ(verdict->verdict, Verdict::remote);
  EXPECT_FALSE(verdict->judged) << "the camera was not asked";
}

INSTANTIATE_TEST_SUITE_P(Named, Away, testing::Values(Type::auth_begin));
INSTANTIATE_TEST_SUITE_P(Nameless, Away, testing::Values(Type::auth_identify));

// `verify` asks for presence when it begins, and uses the camera once the client has said that no photos follow.
TEST(Verifying, EndsForWhoLeavesBeforeTheCameraIsUsed) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  constexpr uid_t kNobody = 65534;
  Daemon daemon({.fake_logind = true, .timeout_s = 2, .this_systems_users = true});
  const std::string active = daemon.dir() / "active";
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "nobody", "--image", daemon.text_image("nobody.txt", "face 11")}).code, 0);
  daemon.show_text("face 11");
  for (const bool stays : {true, false}) {
    std::ofstream(active).put('1');
    ASSERT_EQ(seteuid(kNobody), 0);
    WireClient client(daemon.socket());
    ASSERT_EQ(seteuid(0), 0);
    client.send(Type::verify_begin, wire::VerifyBegin{.user = text("nobody"), .timeout_ms = 2000});
    const auto begun = client.receive();
    ASSERT_TRUE(begun) << daemon.log();
    ASSERT_EQ(begun->header.type, Type::ack);
    if (!stays) std::filesystem::remove(active);
    client.send(Type::finish, wire::Empty{});
    const auto answer = client.answer();
    ASSERT_TRUE(answer) << daemon.log();
    if (stays) {
      const auto result = answer->as<wire::VerifyResult>();
      EXPECT_TRUE(result && result->verdict == Verdict::match) << daemon.log();
      continue;
    }
    const auto failure = answer->as<wire::Failure>();
    EXPECT_EQ(answer->header.type, Type::failure);
    EXPECT_TRUE(failure && failure->code == Errc::not_permitted) << daemon.log();
  }
}

}  // namespace
}  // namespace faceauth::test
