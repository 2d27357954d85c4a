#include <faced/server/authority.h>

#include <gtest/gtest.h>

namespace faceauth {
namespace {

constexpr std::uint32_t kAnn = 1000, kBob = 1001;
const Peer kRoot{0, 0, 1}, kAnnsShell{kAnn, kAnn, 1};

TEST(Authority, EveryRequestOfTheProtocolHasExactlyOneRule) {
  for (std::uint8_t type = 0; type < 255; ++type) {
    int rules = 0;
    for (const Rule& rule : authority()) rules += rule.type == static_cast<wire::Type>(type) ? 1 : 0;
    const bool is_request = type >= 1 && type <= 26 && type != static_cast<std::uint8_t>(wire::Type::answer);
    EXPECT_EQ(rules, is_request ? 1 : 0) << static_cast<int>(type);
  }
}

TEST(Authority, WhatIsNotARequestHasNoRule) {
  EXPECT_EQ(find_rule(wire::Type::answer, Phase::idle), nullptr);
  EXPECT_EQ(find_rule(wire::Type::verdict, Phase::idle), nullptr);
  EXPECT_EQ(find_rule(wire::Type::image, Phase::idle), nullptr) << "an image belongs within a request";
  EXPECT_EQ(find_rule(wire::Type::list, Phase::photos), nullptr);
  EXPECT_NE(find_rule(wire::Type::image, Phase::photos), nullptr);
}

struct Case {
  Right right;
  const Peer* peer;
  std::optional<std::uint32_t> subject;
  bool proven, present, permitted;
};

TEST(Authority, RightsByTable) {
  const Case cases[] = {
      {Right::anyone, &kAnnsShell, {}, false, false, true},
      {Right::root, &kRoot, {}, false, false, true},
      {Right::root, &kAnnsShell, kAnn, true, true, false},
      {Right::root_or_self, &kRoot, kAnn, false, false, true},
      {Right::root_or_self, &kAnnsShell, kAnn, false, false, true},
      {Right::root_or_self, &kAnnsShell, kBob, true, true, false},
      {Right::root_or_self, &kAnnsShell, {}, true, true, false},
      {Right::root_or_self_present, &kAnnsShell, kAnn, false, false, false},
      {Right::root_or_self_present, &kAnnsShell, kAnn, false, true, true},
      {Right::root_or_self_present, &kAnnsShell, kBob, false, true, false},
      {Right::root_or_self_proven, &kAnnsShell, kAnn, false, true, false},
      {Right::root_or_self_proven, &kAnnsShell, kAnn, true, false, true},
      {Right::root_or_self_proven, &kAnnsShell, kBob, true, true, false},
      {Right::root_or_self_proven, &kRoot, kBob, false, false, true},
  };
  int row = 0;
  for (const Case& c : cases) {
    EXPECT_EQ(permits(c.right, *c.peer, c.subject, c.proven, c.present), c.permitted) << "row " << row;
    ++row;
  }
}

TEST(Authority, AnUnknownPeerIsNobody) {
  const Peer unknown;
  EXPECT_FALSE(permits(Right::root, unknown, {}, true, true));
  EXPECT_FALSE(permits(Right::root_or_self, unknown, kAnn, true, true));
}

}  // namespace
}  // namespace faceauth
