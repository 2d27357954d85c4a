// Keepers that lie, stammer, keep silent or are somebody else.
#include <faceauth/protocol.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using std::chrono::milliseconds;

Ran unlock(const FakeKeeper& keeper) { return run_tool({"--config", keeper.config(), "--json", "unlock", "alice"}); }

void expect_error(const Ran& ran, int exit, const std::string& name) {
  EXPECT_EQ(ran.exit, exit) << ran.err;
  EXPECT_EQ(ran.json()["error"], name);
  EXPECT_EQ(ran.err.substr(0, 13), "enroll-tool: ");
}

TEST(Connection, NoDaemon) {
  const TempDir dir;
  const auto config = dir.write("f.toml", "[paths]\nsocket = \"" + (dir / "none.sock") + "\"\n");
  for (const Args& verb : {Args{"enroll", "alice"}, Args{"passwd", "alice", "--password-stdin"}, Args{"list"},
                           Args{"remove", "alice"}, Args{"unlock", "alice"}, Args{"verify", "alice"}, Args{"identify"},
                           Args{"status"}, Args{"disable"}, Args{"enable"}}) {
    Args args{"--config", config, "--json"};
    args.insert(args.end(), verb.begin(), verb.end());
    const Ran ran = run_tool(args, "secret\n");
    EXPECT_EQ(ran.exit, 6) << verb[0] << ran.err;
    EXPECT_TRUE(ran.json().is_object());
    EXPECT_NE(ran.err.find("is it running?"), std::string::npos);
  }
}

TEST(Connection, ASocketPathThatIsTooLong) {
  const TempDir dir;
  const auto config = dir.write("f.toml", "[paths]\nsocket = \"/" + std::string(200, 'x') + "\"\n");
  EXPECT_EQ(run_tool({"--config", config, "status"}).exit, 2);
}

TEST(Connection, ASilentDaemonIsGivenUpAfterHalfASecond) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.wait_for_close(); });
  const Ran ran = unlock(keeper);
  expect_error(ran, 6, "unreachable");
  EXPECT_GE(ran.took, milliseconds(450));
  EXPECT_LT(ran.took, milliseconds(2000));
}

TEST(Connection, ADrippingDaemonGainsNoTime) {
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    std::uint8_t frame[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(frame, wire::Type::ack, request.nonce, wire::Ack{1000});
    for (std::size_t i = 0; i < size; ++i) {
      peer.raw(frame + i, 1);
      ::usleep(100'000);
    }
  });
  const Ran ran = unlock(keeper);
  expect_error(ran, 6, "unreachable");
  EXPECT_LT(ran.took, milliseconds(2000));
}

TEST(Connection, ADaemonThatListensButNeverAccepts) {
  const TempDir dir;
  const enroll::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (dir / "s").copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(::bind(listener.get(), where, sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  const enroll::Fd filler(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(filler.get(), where, sizeof address), 0);  // now the backlog is full
  const auto config = dir.write("f.toml", "[paths]\nsocket = \"" + (dir / "s") + "\"\n");
  const Ran ran = run_tool({"--config", config, "status"});
  EXPECT_EQ(ran.exit, 6);
  EXPECT_LT(ran.took, milliseconds(2000));
}

TEST(Connection, HangingUpIsUnreachable) {
  FakeKeeper at_once([](Peer& peer, const Request&) { peer.hang_up(); });
  expect_error(unlock(at_once), 6, "unreachable");
  FakeKeeper after_ack([](Peer& peer, const Request&) {
    peer.ack();
    peer.hang_up();
  });
  expect_error(unlock(after_ack), 6, "unreachable");
  FakeKeeper truncated([](Peer& peer, const Request& request) {
    std::uint8_t frame[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(frame, wire::Type::ack, request.nonce, wire::Ack{1000});
    peer.raw(frame, size - 1);
    peer.hang_up();
  });
  expect_error(unlock(truncated), 6, "unreachable");
}

TEST(Connection, GarbageIsAProtocolError) {
  const auto garbled = [](auto&& change) {
    return [change](Peer& peer, const Request& request) {
      std::uint8_t frame[limits::kFrameMax];
      std::size_t size = wire::encode_frame(frame, wire::Type::ack, request.nonce, wire::Ack{1000});
      change(frame, size);
      peer.raw(frame, size);
      peer.done();
    };
  };
  FakeKeeper noise([](Peer& peer, const Request&) { peer.raw(std::string(64, '\xff').data(), 64); });
  expect_error(unlock(noise), 70, "protocol");
  FakeKeeper version(garbled([](std::uint8_t* frame, std::size_t) { frame[4] = wire::kVersion + 1; }));
  expect_error(unlock(version), 70, "protocol");
  FakeKeeper oversized(garbled([](std::uint8_t* frame, std::size_t) { frame[2] = 1; }));
  expect_error(unlock(oversized), 70, "protocol");
  FakeKeeper nonce(garbled([](std::uint8_t* frame, std::size_t) { frame[8] ^= 1; }));
  expect_error(unlock(nonce), 70, "protocol");
  FakeKeeper type(garbled([](std::uint8_t* frame, std::size_t) { frame[5] = 200; }));
  expect_error(unlock(type), 70, "protocol");
  FakeKeeper left_over(garbled([](std::uint8_t* frame, std::size_t& size) {
    frame[0]++;
    frame[size++] = 0;
  }));
  expect_error(unlock(left_over), 70, "protocol");
}

TEST(Connection, DoneWithoutAcknowledgementIsNotDone) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.done(); });
  expect_error(unlock(keeper), 70, "protocol");
}

TEST(Connection, AFailureInPlaceOfTheAcknowledgement) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.refuse(Errc::busy, "too many at once"); });
  const Ran ran = unlock(keeper);
  expect_error(ran, 7, "busy");
  EXPECT_EQ(ran.json()["message"], "too many at once");
}

TEST(Connection, AFullKeeperRefusesBeforeItHasReadANonce) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.nonce = {};
    peer.refuse(Errc::busy);
    peer.hang_up();
  });
  expect_error(unlock(keeper), 7, "busy");
  FakeKeeper accepting([](Peer& peer, const Request&) {
    peer.nonce = {};
    peer.ack();
    peer.done();
  });
  expect_error(unlock(accepting), 70, "protocol");
}

TEST(Connection, AFailureWithoutACauseIsStillAFailure) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.refuse(Errc::ok); });
  expect_error(unlock(keeper), 70, "internal");
}

TEST(Connection, EveryRequestHasANonceOfItsOwn) {
  std::vector<wire::Nonce> nonces;
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    nonces.push_back(request.nonce);
    peer.ack();
    peer.done();
  });
  EXPECT_EQ(unlock(keeper).exit, 0);
  EXPECT_EQ(unlock(keeper).exit, 0);
  ASSERT_EQ(nonces.size(), 2u);
  EXPECT_FALSE(nonces[0] == nonces[1]);
  EXPECT_FALSE(nonces[0] == wire::Nonce{});
}

TEST(Connection, NothingIsSentToAServerOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to serve as somebody else";
  FakeKeeper keeper(
      [](Peer& peer, const Request&) {
        peer.ack();
        peer.done();
      },
      kNobody);
  const Ran refused = unlock(keeper);
  expect_error(refused, 6, "unreachable");
  EXPECT_NE(refused.err.find("uid 65534"), std::string::npos) << refused.err;
  EXPECT_TRUE(keeper.seen().empty());
  // Somebody's own daemon is fine for himself.
  EXPECT_EQ(run_tool({"--config", keeper.config(), "disable"}, "", kNobody).exit, 0);
}

}  // namespace
}  // namespace faceauth::test
