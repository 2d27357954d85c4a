#include <faced/server/news.h>

#include <faced/util/log.h>

#include <faceauth/limits.h>
#include <faceauth/protocol.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>

namespace faceauth {
namespace {

const char* words_for(Change change) {
  switch (change) {
    case Change::face_registered:
      return "a face was registered for you";
    case Change::password_set:
      return "the password for your face login was changed";
    case Change::faces_removed:
      return "faces of yours were removed";
    case Change::none:
      break;
  }
  return "";
}

std::string local_time(UnixTime at) {
  const std::time_t seconds = at.time_since_epoch().count();
  std::tm parts{};
  char text[32];
  if (::localtime_r(&seconds, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) == 0)
    return "an unknown day";
  return text;
}

std::string by_whom(std::uint32_t by_uid, std::uint32_t uid) {
  if (by_uid == 0) return "root";
  return by_uid == uid ? "yourself" : fmt::format("uid {}", by_uid);
}

}  // namespace

void note_change(UserState& state, Change change, UnixTime now, std::uint32_t by_uid) {
  Untold& untold = state.untold;
  const bool another = untold.change != Change::none;
  if (another && untold.more < std::numeric_limits<std::uint16_t>::max()) ++untold.more;
  if (change < untold.change) return;
  untold.change = change;
  untold.at = now;
  untold.by_uid = by_uid;
}

void carry_over(UserState& state, const Untold& untold) {
  if (untold.change == Change::none) return;
  note_change(state, untold.change, untold.at, untold.by_uid);
  constexpr unsigned kMost = std::numeric_limits<std::uint16_t>::max();
  state.untold.more = static_cast<std::uint16_t>(std::min<unsigned>(state.untold.more + untold.more, kMost));
}

std::string news_line(const Untold& untold, std::uint32_t uid) {
  if (untold.change == Change::none) return {};
  std::string line = fmt::format("faceauth: {} on {} by {}", words_for(untold.change), local_time(untold.at),
                                 by_whom(untold.by_uid, uid));
  if (untold.more > 0) line += fmt::format(", and {} more; see: enroll-tool log", untold.more);
  return line;
}

News news_for(const Keeper& keeper, const Connection& client, const Request& request, bool may_tell) {
  if (!may_tell || !client.peer().is_root()) return {};
  const Result<UserSummary> user = registered_user(keeper, request);
  if (!user) return {};
  return {news_line(user->state.untold, user->uid), user->state.untold};
}

asio::awaitable<bool> until_told(Keeper& keeper, Connection& client, const std::string& user, const News& news) {
  if (news.line.empty()) co_return true;
  const Steady deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::kConversationMs);
  const Result<void> got = co_await client.receive(deadline);
  if (!got || client.header().type != wire::Type::finish || !client.of_this_request()) co_return false;
  const Result<void> cleared = change_state(keeper, user, [&](UserState& state) {
    if (state.untold == news.told) state.untold = {};  // else something was changed meanwhile
  });
  if (!cleared)
    log::warning("what a user was told cannot be marked as told: " + cleared.error().message,
                 {{"FACEAUTH_USER", user}});
  co_return true;
}

}  // namespace faceauth
