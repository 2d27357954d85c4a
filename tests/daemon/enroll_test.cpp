// Registration: who may, what is refused, and that a refusal stores nothing.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class EnrollTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
  }
  std::string image(const std::string& line) { return daemon.text_image("image" + std::to_string(++images_), line); }
  std::size_t users() { return json::parse(tool(daemon, {"--json", "list"}).out)["users"].size(); }

  // Of one connection by that user: its only answer's code; internal where there was none.
  Errc answered_to(uid_t uid, void (*ask)(WireClient&)) {
    const pid_t child = fork();
    if (child == 0) {
      if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0)) std::_Exit(255);
      WireClient client(daemon.socket());
      ask(client);
      const auto answer = client.answer();
      if (answer && answer->header.type == wire::Type::done) std::_Exit(static_cast<int>(Errc::ok));
      if (!answer || answer->header.type != wire::Type::failure) std::_Exit(static_cast<int>(Errc::internal));
      std::_Exit(static_cast<int>(answer->as<wire::Failure>()->code));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return static_cast<Errc>(WEXITSTATUS(status));
  }

  Daemon daemon{{.timeout_s = 2, .users = {"ann", "bob"}}};

 private:
  int images_ = 0;
};

// What changes ann, asked by one message.
constexpr std::pair<const char*, void (*)(WireClient&)> kChanges[] = {
    {"enroll",
     [](WireClient& client) { client.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("ann")}); }},
    {"enable", [](WireClient& client) { client.send(wire::Type::enable, wire::UserOnly{text("ann")}); }},
    {"set_password",
     [](WireClient& client) {
       client.send(wire::Type::set_password, wire::SetPassword{text("ann"), text("his own"), false});
     }},
    {"remove", [](WireClient& client) {
       client.send(wire::Type::remove, wire::Remove{text("ann"), {}});
     }}};

TEST_F(EnrollTest, PhotosAndPasswordAreStored) {
  const Ran ran = tool(daemon,
                       {"enroll", "ann", "--image", image("face 1"), "--image", image("face 1 view=1"), "--label",
                        "desk", "--password-stdin"},
                       "secret\n");
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  const json user = json::parse(tool(daemon, {"--json", "list"}).out)["users"][0];
  EXPECT_EQ(user["user"], "ann");
  EXPECT_EQ(user["uid"], 20000);
  EXPECT_EQ(user["password"], true);
  ASSERT_EQ(user["templates"].size(), 2U);
  EXPECT_EQ(user["templates"][0]["label"], "desk");
  EXPECT_EQ(user["templates"][0]["source"], "photo");
}

TEST_F(EnrollTest, ASecondEnrolAddsTemplates) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--label", "glasses"}).code, 0);
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["templates"].size(), 2U);
  ASSERT_EQ(tool(daemon, {"remove", "ann", "--label", "glasses"}).code, 0);
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["templates"].size(), 1U);
}

TEST_F(EnrollTest, APhotoWithoutAUsableFaceStoresNothing) {
  for (const char* bad : {"empty", "two", "", "face 1 height=20"}) {
    const Ran ran = tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--image", image(bad)});
    EXPECT_EQ(ran.code, 5) << bad;
    EXPECT_THAT(ran.err, HasSubstr("image")) << "names the photo";
    EXPECT_EQ(tool(daemon, {"list", "ann"}).code, 4) << bad;
  }
  EXPECT_EQ(users(), 0U);
}

TEST_F(EnrollTest, AUserUnknownToTheSystemIsRefused) {
  EXPECT_EQ(tool(daemon, {"enroll", "zoe", "--image", image("face 1")}).code, 4);
  EXPECT_EQ(users(), 0U);
}

TEST_F(EnrollTest, AFaceOfAnotherUserNeedsForce) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  EXPECT_EQ(tool(daemon, {"enroll", "bob", "--image", image("face 1")}).code, 1);
  EXPECT_EQ(users(), 1U);
  EXPECT_EQ(tool(daemon, {"enroll", "bob", "--image", image("face 1"), "--force"}).code, 0);
  EXPECT_EQ(users(), 2U);
}

TEST_F(EnrollTest, ForceTellsThatAnotherUsersFaceIsRegistered) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  const Ran forced = tool(daemon, {"enroll", "bob", "--image", image("face 1 view=3"), "--force"});
  EXPECT_EQ(forced.code, 0);
  EXPECT_THAT(forced.err, HasSubstr("also passes for another registered user"));
  EXPECT_THAT(daemon.log(), HasSubstr("registered for bob also passes for ann"));
}

TEST_F(EnrollTest, SomebodyElseAmongFivePhotosIsNamedAndNothingIsStored) {
  std::vector<std::string> command = {"--json", "enroll", "ann"};
  std::string odd;
  for (const char* line : {"face 1", "face 1 view=1", "face 2", "face 1 view=2", "face 1 view=3"}) {
    command.insert(command.end(), {"--image", image(line)});
    if (std::string(line) == "face 2") odd = command.back();
  }
  const Ran ran = tool(daemon, command);
  EXPECT_EQ(ran.code, 5);
  const json answer = json::parse(ran.out);
  EXPECT_EQ(answer["image"], odd);
  EXPECT_EQ(answer["issue"], "somebody-else");
  EXPECT_THAT(ran.err, HasSubstr(odd));
  EXPECT_EQ(users(), 0U);
}

TEST_F(EnrollTest, TwoPhotosOfTwoPeopleAreRefused) {
  const Ran ran = tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--image", image("face 2")});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("do not show the same person"));
  EXPECT_EQ(users(), 0U);
}

TEST_F(EnrollTest, AnothersFaceIsNotAddedToAUsersTemplates) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  for (const char* force : {"--quiet", "--force"}) {
    const Ran ran = tool(daemon, {"enroll", "ann", "--image", image("face 2"), force});
    EXPECT_EQ(ran.code, 5) << force;
    EXPECT_THAT(ran.err, HasSubstr("not the face that is registered for ann"));
  }
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", image("face 2")}).code, 1);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", image("face 1")}).code, 0);
}

TEST_F(EnrollTest, PicturesOfOneMomentBecomeOneTemplate) {
  std::vector<std::string> command = {"--json", "enroll", "ann"};
  for (const char* line : {"face 1", "face 1", "face 1", "face 1 view=1"})
    command.insert(command.end(), {"--image", image(line)});
  const Ran ran = tool(daemon, command);
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  EXPECT_EQ(json::parse(ran.out)["templates"], 2);
  EXPECT_EQ(json::parse(ran.out)["merged"], 2);
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["templates"].size(), 2U);
}

TEST_F(EnrollTest, ForceDoesNotAcceptAPhotoWithoutAFace) {
  EXPECT_EQ(tool(daemon, {"enroll", "ann", "--image", image("empty"), "--force"}).code, 5);
}

TEST_F(EnrollTest, CameraEnrolmentTakesFiveTemplates) {
  std::vector<std::string> views;
  for (int i = 0; i < 53; ++i) views.push_back(image("face 5 view=" + std::to_string(i)));
  daemon.show(views);
  const Ran ran = tool(daemon, {"enroll", "ann"});
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  const json user = json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0];
  ASSERT_EQ(user["templates"].size(), 5U);
  EXPECT_THAT(user["templates"][0]["source"].get<std::string>(), testing::MatchesRegex("camera [0-9a-f]+"));
}

TEST_F(EnrollTest, OthersMayNotAndTheUserHimselfNeedsHisPassword) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--password-stdin"}, "secret\n").code, 0);
  EXPECT_EQ(tool(daemon, {"remove", "ann"}, "", 20001).code, 3);
  EXPECT_EQ(tool(daemon, {"list"}, "", 20000).code, 3);
  EXPECT_EQ(tool(daemon, {"list", "ann"}, "", 20000).code, 0);
  EXPECT_EQ(tool(daemon, {"list", "ann"}, "", 20001).code, 3);
  EXPECT_EQ(tool(daemon, {"unlock", "ann"}, "", 20000).code, 3);
  EXPECT_EQ(tool(daemon, {"disable", "ann"}, "", 20000).code, 0) << "anybody may switch his own face off";
  EXPECT_EQ(tool(daemon, {"disable", "ann"}, "", 20001).code, 3);
  EXPECT_EQ(tool(daemon, {"status"}, "", 20001).code, 0);
  for (const uid_t uid : {20000, 20001})
    for (const auto& [name, ask] : kChanges)
      EXPECT_EQ(answered_to(uid, ask), Errc::not_permitted) << name << " without a proof, as " << uid;
  EXPECT_EQ(answered_to(0, kChanges[1].second), Errc::ok) << "root needs none";
}

// The proof must be on the same connection and for the same user.
TEST_F(EnrollTest, ProofByPasswordOpensThisConnectionOnly) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--password-stdin"}, "secret\n").code, 0);
  auto as_ann = [&](const char* password) -> int {
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(20000) != 0 || setuid(20000) != 0) std::_Exit(9);
      WireClient client(daemon.socket());
      client.send(wire::Type::prove_password, wire::ProvePassword{text("ann"), text(password)});
      const auto proved = client.answer();
      const auto removes = [](WireClient& by) {
        by.send(wire::Type::remove, wire::Remove{text("ann"), text("no such label")});
        const auto removed = by.answer();
        if (!removed || removed->header.type != wire::Type::failure) std::_Exit(8);
        return removed->as<wire::Failure>()->code;
      };
      WireClient another(daemon.socket());  // beside it, while the proof stands
      if (removes(another) != Errc::not_permitted) std::_Exit(7);
      std::_Exit(removes(client) == Errc::not_permitted ? 3 : 4);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(as_ann("wrong"), 3);
  EXPECT_EQ(as_ann("secret"), 4) << "permitted, but there is no such label";
}

TEST_F(EnrollTest, PasswordCanBeChangedAndTheOldOneIsDead) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--password-stdin"}, "old\n").code, 0);
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "new\n").code, 0);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "old\n").code, 1);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "new\n").code, 0);
  EXPECT_EQ(tool(daemon, {"passwd", "bob", "--password-stdin"}, "new\n").code, 4);
}

TEST_F(EnrollTest, RemovedMeansGone) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  ASSERT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
  EXPECT_EQ(tool(daemon, {"remove", "ann"}).code, 4);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", image("face 1")}).code, 4);
  EXPECT_EQ(users(), 0U);
}

// Enrolls ann from one photo by hand; `meanwhile` happens while the keeper waits for the photo.
Errc enrolled_while(const Daemon& daemon, const std::string& photo, const std::function<void()>& meanwhile) {
  WireClient root(daemon.socket());
  root.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("ann"), .label = text("late")});
  const auto acknowledged = root.receive();
  if (!acknowledged || acknowledged->header.type != wire::Type::ack) return Errc::internal;
  meanwhile();
  root.send_image(photo);
  root.send(wire::Type::finish, wire::Empty{});
  for (;;) {
    const auto told = root.answer();
    if (!told) return Errc::internal;
    if (told->header.type == wire::Type::done) return Errc::ok;
    if (told->header.type == wire::Type::failure) return told->as<wire::Failure>()->code;
  }
}

TEST_F(EnrollTest, AnEnrolmentThatNothingCameBetweenIsStored) {
  const std::string photo = image("face 1 view=1");
  EXPECT_EQ(enrolled_while(daemon, photo, [] {}), Errc::ok) << "a new user";
  EXPECT_EQ(enrolled_while(daemon, photo, [&] { tool(daemon, {"list", "ann"}); }), Errc::ok) << "a known one";
  EXPECT_EQ(users(), 1U);
}

TEST_F(EnrollTest, WhoWasRemovedMeanwhileIsNotRegisteredByAnOpenEnrolment) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1")}).code, 0);
  EXPECT_EQ(enrolled_while(daemon, image("face 1 view=1"),
                           [&] {
                             EXPECT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
                           }),
            Errc::not_found);
  EXPECT_EQ(users(), 0U);
}

TEST_F(EnrollTest, AnOpenEnrolmentAddsNothingToAnotherRegistrationOfTheName) {
  const std::string first = image("face 1"), again = image("face 1 view=1"), late = image("face 1 view=2");
  auto enrol = [&](const std::string& photo) { EXPECT_EQ(tool(daemon, {"enroll", "ann", "--image", photo}).code, 0); };
  EXPECT_EQ(enrolled_while(daemon, late, [&] { enrol(first); }), Errc::not_found) << "registered meanwhile";
  auto anew = [&] {
    EXPECT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
    enrol(again);
  };
  EXPECT_EQ(enrolled_while(daemon, late, anew), Errc::not_found) << "removed and registered anew";
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["templates"].size(), 1U);
}

TEST_F(EnrollTest, NothingSecretLiesOnTheDiskOrInTheLog) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", image("face 1"), "--password-stdin"}, "a rare password\n").code,
            0);
  ASSERT_EQ(daemon.stop(), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon.dir() / "store")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()) & 077U, 0U) << entry.path();
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(bytes.find("argon2id"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(daemon.log().find("rare"), std::string::npos);
}

}  // namespace
}  // namespace faceauth::test
