// The module against daemons that lie, stall, flood and die. Every case asserts the code AND how long it took.
#include "pam_session.h"
#include "scripted_daemon.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace faceauth::test {
namespace {

using wire::Type;
using Frame = std::vector<std::uint8_t>;

constexpr long kPromptlyMs = 400;        // nothing to wait for
constexpr long kUnacknowledgedMs = 750;  // promised without an acknowledgement
constexpr long kTimeoutMs = 1000;        // timeout=1
constexpr long kAllowedMs = kTimeoutMs + 250;

struct Result {
  int code;
  long elapsed_ms;
};

Result attempt(const std::string& socket, const std::string& options = "timeout=1") {
  PamSession pam(PamSession::line("auth", socket, options), "alice");
  pam.types = [](const Message&) { return "pw"; };
  const int code = pam.authenticate();
  return {code, pam.elapsed_ms()};
}

Result attempt_with(ScriptedDaemon::Script script, uid_t listen_as = 0) {
  ScriptedDaemon daemon(std::move(script), listen_as);
  return attempt(daemon.socket());
}

// A daemon that reads the question, acknowledges it and then does `rest`.
ScriptedDaemon::Script after_ack(ScriptedDaemon::Script rest) {
  return [rest = std::move(rest)](Client& c) {
    if (c.receive() && c.ack()) rest(c);
    c.wait_until_gone();
  };
}

void expect(const Result& r, int code, long at_least_ms, long at_most_ms) {
  EXPECT_EQ(r.code, code) << ::pam_strerror(nullptr, r.code);
  EXPECT_GE(r.elapsed_ms, at_least_ms);
  EXPECT_LE(r.elapsed_ms, at_most_ms);
}

const wire::VerdictBody kMatch{Verdict::match, text("alice"), true};

TEST(HostileDaemon, the_honest_one_is_believed) {
  expect(attempt_with(after_ack([](Client& c) { c.verdict(Verdict::match, "alice", true); })), PAM_SUCCESS, 0,
         kPromptlyMs);
}

TEST(HostileDaemon, match_before_the_question) {
  // Whole frames thrown at whoever connects: an acknowledgement and a match, without having seen our nonce.
  expect(attempt_with([](Client& c) {
           c.send_as({}, Type::ack, wire::Ack{5000});
           c.send_as({}, Type::verdict, kMatch);
           c.wait_until_gone();
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, match_before_the_acknowledgement) {
  expect(attempt_with([](Client& c) {
           if (c.receive()) c.send(Type::verdict, kMatch);
           c.wait_until_gone();
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, another_frame_in_the_shape_of_an_acknowledgement) {
  expect(attempt_with([](Client& c) {
           if (c.receive() && c.send(Type::status_result, wire::Ack{5000})) c.send(Type::verdict, kMatch);
           c.wait_until_gone();
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, ask_before_the_acknowledgement_learns_no_password) {
  bool learned = true;
  ScriptedDaemon daemon([&](Client& c) {
    if (c.receive()) c.send(Type::ask, wire::Ask{wire::Asks::password});
    learned = c.receive();
  });
  expect(attempt(daemon.socket()), PAM_SYSTEM_ERR, 0, kPromptlyMs);
  daemon.stop();
  EXPECT_FALSE(learned);
}

TEST(HostileDaemon, wrong_nonce) {
  expect(attempt_with(after_ack([](Client& c) {
           wire::Nonce other = c.nonce();
           other.bytes[15] ^= 1;
           c.send_as(other, Type::verdict, kMatch);
         })),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, nonce_of_an_earlier_login) {
  wire::Nonce first;
  ScriptedDaemon daemon([&, count = 0](Client& c) mutable {
    if (!c.receive() || !c.ack()) return;
    if (++count == 1) first = c.nonce();
    c.send_as(first, Type::verdict, kMatch);
    c.wait_until_gone();
  });
  expect(attempt(daemon.socket()), PAM_SUCCESS, 0, kPromptlyMs);
  expect(attempt(daemon.socket()), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

class WrongUser : public testing::TestWithParam<const char*> {};
TEST_P(WrongUser, is_refused) {
  const std::string user = GetParam();
  expect(attempt_with(after_ack([&](Client& c) { c.verdict(Verdict::match, user, true); })), PAM_SYSTEM_ERR, 0,
         kPromptlyMs);
}
INSTANTIATE_TEST_SUITE_P(HostileDaemon, WrongUser, testing::Values("mallory", "", "alic", "alice ", "Alice"));

TEST(HostileDaemon, match_without_having_judged) {
  expect(attempt_with(after_ack([](Client& c) { c.verdict(Verdict::match, "alice", false); })), PAM_SYSTEM_ERR, 0,
         kPromptlyMs);
}

// One frame with `change` made to its bytes, after an acknowledgement.
Result altered(const std::function<void(Frame&)>& change) {
  return attempt_with(after_ack([&](Client& c) {
    Frame frame = Client::frame_of(c.nonce(), Type::verdict, kMatch);
    change(frame);
    c.send_bytes(frame);
  }));
}

TEST(HostileDaemon, wrong_version) {
  expect(altered([](Frame& f) { f[4] = wire::kVersion + 1; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, reserved_bits) {
  expect(altered([](Frame& f) { f[6] = 1; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, unknown_type) {
  expect(altered([](Frame& f) { f[5] = 200; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_clients_own_type) {
  expect(altered([](Frame& f) { f[5] = static_cast<std::uint8_t>(Type::answer); }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, unknown_verdict) {
  expect(altered([](Frame& f) { f[wire::kHeaderSize] = kVerdictLast + 1; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, judged_neither_yes_nor_no) {
  expect(altered([](Frame& f) { f.back() = 2; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_byte_left_over) {
  expect(altered([](Frame& f) {
           f.push_back(0);
           ++f[0];
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_body_cut_short) {
  expect(altered([](Frame& f) {
           f.pop_back();
           --f[0];
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_size_below_the_header) {
  expect(altered([](Frame& f) { f[0] = 19; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_size_one_above_the_largest) {
  expect(altered([](Frame& f) {
           f[0] = (limits::kFrameMax - wire::kSizeField + 1) & 0xff;
           f[1] = (limits::kFrameMax - wire::kSizeField + 1) >> 8;
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, a_size_of_four_gigabytes) {
  expect(altered([](Frame& f) { f[0] = f[1] = f[2] = f[3] = 0xff; }), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, garbage) {
  expect(altered([](Frame& f) {
           f.assign(8192, 0);
           for (std::size_t i = 0; i < f.size(); ++i) f[i] = static_cast<std::uint8_t>(i * 167 + (i >> 5));
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, text_in_place_of_the_protocol) {
  expect(altered([](Frame& f) {
           const std::string text = "HTTP/1.1 200 OK\r\nX: AUTH_SUCCESS match alice\r\n\r\n";
           f.assign(text.begin(), text.end());
         }),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, a_frame_that_never_ends) {
  expect(altered([](Frame& f) { f.pop_back(); }), PAM_AUTHINFO_UNAVAIL, kTimeoutMs, kAllowedMs);
}
TEST(HostileDaemon, dies_in_the_middle_of_its_answer) {
  expect(attempt_with([](Client& c) {
           if (!c.receive() || !c.ack()) return;
           Frame frame = Client::frame_of(c.nonce(), Type::verdict, kMatch);
           frame.resize(frame.size() / 2);
           c.send_bytes(frame);
         }),
         PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}
TEST(HostileDaemon, hangs_up_at_once) {
  expect(attempt_with([](Client&) {}), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}
TEST(HostileDaemon, hangs_up_after_the_acknowledgement) {
  expect(attempt_with([](Client& c) { c.receive() && c.ack(); }), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}

TEST(HostileDaemon, silent_before_the_acknowledgement) {
  expect(attempt_with([](Client& c) { c.wait_until_gone(); }), PAM_AUTHINFO_UNAVAIL, 400, kUnacknowledgedMs);
}
TEST(HostileDaemon, silent_after_the_acknowledgement) {
  expect(attempt_with(after_ack([](Client&) {})), PAM_AUTHINFO_UNAVAIL, kTimeoutMs, kAllowedMs);
}
TEST(HostileDaemon, promises_an_answer_within_seven_weeks) {
  expect(attempt_with([](Client& c) {
           if (c.receive()) c.ack(0xffffffff);
           c.wait_until_gone();
         }),
         PAM_AUTHINFO_UNAVAIL, kTimeoutMs, kAllowedMs);
}
TEST(HostileDaemon, without_a_timeout_of_our_own_the_keepers_holds) {
  ScriptedDaemon daemon([](Client& c) {
    if (c.receive()) c.ack(700);
    c.wait_until_gone();
  });
  expect(attempt(daemon.socket(), ""), PAM_AUTHINFO_UNAVAIL, 700, 950);
}

// One byte every 100 ms, for ever.
void drip(Client& c, Frame bytes) {
  for (std::size_t i = 0;; i = (i + 1) % bytes.size()) {
    if (!c.send_bytes({bytes[i]})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}
TEST(HostileDaemon, slow_drip_before_the_acknowledgement) {
  expect(attempt_with([](Client& c) {
           if (c.receive()) drip(c, Client::frame_of(c.nonce(), Type::ack, wire::Ack{5000}));
         }),
         PAM_AUTHINFO_UNAVAIL, 400, kUnacknowledgedMs);
}
TEST(HostileDaemon, slow_drip_after_the_acknowledgement) {
  expect(attempt_with(after_ack([](Client& c) { drip(c, Client::frame_of(c.nonce(), Type::verdict, kMatch)); })),
         PAM_AUTHINFO_UNAVAIL, kTimeoutMs, kAllowedMs);
}

TEST(HostileDaemon, accepts_nobody_and_the_backlog_is_full) {
  TempDir dir;
  const std::string path = dir / "faced.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  std::vector<int> sockets{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(::bind(sockets[0], where, sizeof address), 0);
  ASSERT_EQ(::listen(sockets[0], 0), 0);
  do sockets.push_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  while (::connect(sockets.back(), where, sizeof address) == 0);
  ASSERT_EQ(errno, EAGAIN);
  expect(attempt(path), PAM_AUTHINFO_UNAVAIL, limits::kConnectWithinMs - 10, kUnacknowledgedMs);
  for (const int fd : sockets) ::close(fd);
}

TEST(HostileDaemon, two_verdicts_the_first_counts) {
  expect(attempt_with(after_ack([](Client& c) {
           Frame both =
               Client::frame_of(c.nonce(), Type::verdict, wire::VerdictBody{Verdict::no_match, text("alice"), true});
           const Frame second = Client::frame_of(c.nonce(), Type::verdict, kMatch);
           both.insert(both.end(), second.begin(), second.end());
           c.send_bytes(both);
         })),
         PAM_AUTH_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, two_acknowledgements) {
  expect(attempt_with(after_ack([](Client& c) { c.ack() && c.verdict(Verdict::match, "alice", true); })),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, failure_without_a_failure) {
  expect(attempt_with(after_ack([](Client& c) {
           c.send(Type::failure, wire::Failure{Errc::ok, text("match")});
         })),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
}
TEST(HostileDaemon, done_is_no_verdict) {
  expect(attempt_with(after_ack([](Client& c) { c.send(Type::done, wire::Empty{}); })), PAM_SYSTEM_ERR, 0, kPromptlyMs);
}

TEST(HostileDaemon, flood_of_asks) {
  int asked = 0;
  expect(attempt_with(after_ack([&](Client& c) {
           while (asked < 100 && c.send(Type::ask, wire::Ask{wire::Asks::password}) && c.receive()) ++asked;
         })),
         PAM_SYSTEM_ERR, 0, kPromptlyMs);
  EXPECT_EQ(asked, 5);
}
TEST(HostileDaemon, flood_of_notices) {
  ScriptedDaemon daemon(after_ack([](Client& c) {
    const wire::NoticeBody notice{wire::Notice::scanning, 0, 0};
    while (c.send(Type::notice, notice)) continue;
  }));
  expect(attempt(daemon.socket(), "timeout=10"), PAM_SYSTEM_ERR, 0, 5000);  // counted, long before the time is up
}
TEST(HostileDaemon, notices_do_not_prolong_the_wait) {
  expect(attempt_with(after_ack([](Client& c) {
           const wire::NoticeBody notice{wire::Notice::frame_issue, 3, 0};
           while (c.send(Type::notice, notice)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
         })),
         PAM_AUTHINFO_UNAVAIL, kTimeoutMs, kAllowedMs);
}

TEST(HostileDaemon, socket_is_missing) {
  expect(attempt("/nonexistent/faced.sock"), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}
TEST(HostileDaemon, socket_is_a_regular_file) {
  TempDir dir;
  expect(attempt(dir.write("faced.sock", "not a socket")), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}
TEST(HostileDaemon, nobody_listens_any_more) {
  TempDir dir;
  std::string left_over;
  {
    ScriptedDaemon daemon([](Client&) {});
    left_over = dir / "faced.sock";
    ASSERT_EQ(::rename(daemon.socket().c_str(), left_over.c_str()), 0);
  }
  expect(attempt(left_over), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
}
TEST(HostileDaemon, owned_by_somebody_else_is_told_nothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be somebody else";
  bool told = true;
  ScriptedDaemon daemon(
      [&](Client& c) {
        told = c.receive();
        if (told && c.ack()) c.verdict(Verdict::match, "alice", true);
      },
      65534);
  expect(attempt(daemon.socket()), PAM_AUTHINFO_UNAVAIL, 0, kPromptlyMs);
  daemon.stop();
  EXPECT_EQ(daemon.served(), 1);
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace faceauth::test
