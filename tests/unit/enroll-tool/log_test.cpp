// What `log` shows of what a keeper gives. The keeper's own filters are tested with the real one (daemon/ledger_test).
#include <gtest/gtest.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

wire::LogEntry entry(std::uint64_t number, std::uint64_t time, Verdict verdict) {
  wire::LogEntry e;
  e.number = number;
  e.readable = true;
  e.kind = AuditKind::login;
  e.time = time;
  e.user = {"alice", 5};
  e.service = {"sudo", 4};
  e.verdict = verdict;
  return e;
}

class Log : public testing::Test {
 protected:
  // 1: a match on 1 May 2024, 2: a stranger on the 2nd, 3: damaged, 4: a match on the 3rd.
  FakeKeeper keeper{[](Peer& peer, const Request&) {
    peer.ack();
    peer.answer(wire::Type::log_entry, entry(1, 1714521600, Verdict::match));
    peer.answer(wire::Type::log_entry, entry(2, 1714608000, Verdict::no_match));
    wire::LogEntry damaged;
    damaged.number = 3;
    peer.answer(wire::Type::log_entry, damaged);
    peer.answer(wire::Type::log_entry, entry(4, 1714694400, Verdict::match));
    peer.done();
  }};

  Ran log(Args more) const {
    Args args{"--config", keeper.config(), "log"};
    args.insert(args.end(), more.begin(), more.end());
    return run_tool(args);
  }
  std::vector<int> numbers(Args more) const {
    more.push_back("--json");
    const Ran ran = log(more);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    std::vector<int> out;
    const nlohmann::json value = ran.json();
    for (const auto& e : value["entries"]) out.push_back(e["number"]);
    return out;
  }
};

TEST_F(Log, Everything) { EXPECT_EQ(numbers({}), (std::vector{1, 2, 3, 4})); }

TEST_F(Log, ByVerdictAndADamagedEntryAllTheSame) {
  EXPECT_EQ(numbers({"--verdict", "no-match"}), (std::vector{2, 3}));
  EXPECT_EQ(numbers({"--verdict", "match"}), (std::vector{1, 3, 4}));
  EXPECT_EQ(numbers({"--verdict", "timeout"}), (std::vector{3}));
}

TEST_F(Log, UpToAMoment) {
  EXPECT_EQ(numbers({"--until", "2024-05-02"}), (std::vector{1, 2, 3}));
  EXPECT_EQ(numbers({"--until", "2024-05-01T23:59:59Z"}), (std::vector{1, 3}));
}

TEST_F(Log, TheLatest) {
  EXPECT_EQ(numbers({"--last", "2"}), (std::vector{3, 4}));
  EXPECT_EQ(numbers({"--last", "1", "--verdict", "no-match"}), (std::vector{3}));
}

TEST_F(Log, AUserByOptionOrByPlace) {
  EXPECT_EQ(numbers({"--user", "alice"}).size(), 4u);
  EXPECT_EQ(numbers({"alice"}).size(), 4u);
}

TEST_F(Log, RefusesWhatIsNoMomentOrEnding) {
  for (const Args& wrong : {Args{"--until", "yesterday"}, Args{"--since", "12"}, Args{"--verdict", "macth"},
                            Args{"--last", "0"}, Args{"--last", "-3"}, Args{"--verify", "--verdict", "match"}})
    EXPECT_EQ(log(wrong).exit, 2) << wrong[0];
}

TEST_F(Log, NoColoursInAFile) {
  const Ran ran = log({});
  EXPECT_EQ(ran.out.find('\033'), std::string::npos);
  EXPECT_NE(ran.out.find("      2  2024-05-02T00:00:00Z  login    alice            no-match for sudo"),
            std::string::npos)
      << ran.out;
}

TEST_F(Log, SaysSoWhenThereIsNothing) {
  FakeKeeper empty([](Peer& peer, const Request&) {
    peer.ack();
    peer.done();
  });
  const Ran ran = run_tool({"--config", empty.config(), "log"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "nothing of that kind is recorded\n");
}

}  // namespace
}  // namespace faceauth::test
