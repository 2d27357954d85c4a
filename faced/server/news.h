// What a user is told at his next login: that his faces or his password were changed, when and by whom. Once, in one
// line, whatever was done.
#pragma once

#include <faced/server/handlers.h>
#include <faced/store/records.h>

#include <cstdint>
#include <optional>
#include <string>

namespace faceauth {

// Adds a change to what he was not told yet. A weightier one is not hidden behind lighter ones that follow it.
void note_change(UserState& state, Change change, UnixTime now, std::uint32_t by_uid);

// Adds what a record that goes away had not told yet.
void carry_over(UserState& state, const Untold& untold);

// The line, in the machine's time zone; empty when there is nothing to tell. `uid`: the user's own.
[[nodiscard]] std::string news_line(const Untold& untold, std::uint32_t uid);

struct News {
  std::string line;
  Untold told;
};

// What goes to the person with an answer that lets him in. Only programs of root are given it: whoever runs as the
// user could fetch it before he sees it.
[[nodiscard]] News news_for(const Keeper& keeper, const Connection& client, const Request& request, bool may_tell);

// After it was sent: waits for the client's word that the person was shown it, and only then forgets it. Without that
// word, or when forgetting fails, he is told again. False: the connection is of no more use.
asio::awaitable<bool> until_told(Keeper& keeper, Connection& client, const std::string& user, const News& news);

}  // namespace faceauth
