// Typing beats scanning, seen from the keeper: what it says of a typed password, and what a scan costs that ends by it.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using wire::Type;
using wire::Typing;

class TypingTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    enroll("ann", "right\n");
    enroll("bob", "");
  }
  void enroll(const std::string& user, const std::string& password) {
    std::vector<std::string> arguments = {"enroll", user, "--image",
                                          daemon.text_image(user + ".txt", user == "ann" ? "face 11" : "face 12")};
    if (!password.empty()) arguments.emplace_back("--password-stdin");
    ASSERT_EQ(tool(daemon, arguments, password).code, 0) << daemon.log();
  }
  static void begin(WireClient& client, const std::string& user, Factors factors, bool may_prompt = true) {
    wire::AuthBegin question{.user = text(user), .service = text("x"), .factors = factors, .timeout_ms = 2000};
    question.may_prompt = may_prompt;
    client.send(Type::auth_begin, question);
  }
  // What the notice says that the scan begins with; a password that is asked for before is given.
  static std::optional<Typing> typing(WireClient& client) {
    while (const auto said = client.receive()) {
      if (said->header.type == Type::ask)
        client.send(Type::answer, wire::Answer{wire::Answers::password, text("right")});
      if (said->header.type == Type::verdict) return std::nullopt;
      const auto notice = said->header.type == Type::notice ? said->as<wire::NoticeBody>() : std::nullopt;
      if (notice && notice->code == wire::Notice::scanning) return static_cast<Typing>(notice->detail);
    }
    return std::nullopt;
  }
  // The keeper sees at the next frame that the client before has left; a person's next key takes longer.
  std::optional<Typing> typing_for(const std::string& user, Factors factors, bool may_prompt = true) const {
    for (int i = 0;; ++i) {
      WireClient client(daemon.socket());
      begin(client, user, factors, may_prompt);
      if (const std::optional<Typing> said = typing(client); said || i == 10) return said;
      std::this_thread::sleep_for(milliseconds(50));
    }
  }
  std::optional<Verdict> verdict_for(const std::string& user) const {
    WireClient client(daemon.socket());
    begin(client, user, Factors::face);
    const auto answer = client.answer();
    return answer && answer->header.type == Type::verdict ? std::optional(answer->as<wire::VerdictBody>()->verdict)
                                                          : std::nullopt;
  }
  json listed(const std::string& user) { return json::parse(tool(daemon, {"--json", "list", user}).out)["users"][0]; }

  Daemon daemon{{.extra = "[service.x]\nfactors = \"face|password\"\n", .timeout_s = 2, .users = {"ann", "bob"}}};
};

TEST_F(TypingTest, TheKeeperSaysWhoWouldJudgeAPassword) {
  daemon.show_text("empty");
  EXPECT_EQ(typing_for("ann", Factors::face), Typing::next_module);
  EXPECT_EQ(typing_for("ann", Factors::unset), Typing::judged_here);
  EXPECT_EQ(typing_for("ann", Factors::unset, false), Typing::next_module) << "nobody may be asked";
  EXPECT_EQ(typing_for("bob", Factors::unset), Typing::next_module) << "he has no password here";
  EXPECT_EQ(typing_for("ann", Factors::face_and_password), Typing::not_offered) << "he gave it already";
}

TEST_F(TypingTest, AScanThatAKeyEndsCostsNothingAndKeepsNobodyWaiting) {
  daemon.show_text("empty");
  for (int i = 0; i < 7; ++i) {  // more than the lockout allows
    WireClient client(daemon.socket());
    begin(client, "ann", Factors::face);
    ASSERT_EQ(typing(client), Typing::next_module) << i;
    std::this_thread::sleep_for(milliseconds(150));
    client.close();
    std::this_thread::sleep_for(milliseconds(250));
  }
  EXPECT_EQ(listed("ann")["failures"], 0);
  daemon.show_text("face 11");
  EXPECT_EQ(verdict_for("ann"), Verdict::match) << daemon.log();
}

// Else whoever hangs up in time would have tries without end.
TEST_F(TypingTest, AFaceThatWasComparedAndRefusedByThenCounts) {
  daemon.show_text("face 99");
  {
    WireClient client(daemon.socket());
    begin(client, "ann", Factors::face);
    ASSERT_EQ(typing(client), Typing::next_module);
    std::this_thread::sleep_for(milliseconds(1000));
  }
  for (int i = 0; i < 50 && listed("ann")["failures"] == 0; ++i) std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(listed("ann")["failures"], 1);
}

}  // namespace
}  // namespace faceauth::test
