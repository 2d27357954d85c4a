// Who is before the camera, for a login without a name. It lets nobody in: whom it names has yet to log in as himself,
// with all that this asks of him.
#pragma once

#include <faced/server/login_record.h>

#include <memory>
#include <optional>
#include <string>

namespace faceauth {

struct Recognised {
  std::optional<UserSummary> user;
  Judgement judgement;              // why there is none
  std::unique_ptr<Viewer> viewer;   // keeps the camera going until the login has a place at it
  std::unique_ptr<InUse> only_one;  // one glance must not satisfy two of them either
};

// Asks for Enter where that is wanted, then looks. The request gets its user, also when his face may not be used, and
// `login` what is left to do: the time, and an intent that was not shown yet.
asio::awaitable<Recognised> recognise(Keeper& keeper, Connection& client, Login& login, Request& request);

// Every login without a name ends here. There is nobody whose failure it is when it fails, and so all of them share one
// lockout, kept in memory, by the rules of a user's; it bars no login with a name. A success ends it.
void count_recognition(Keeper& keeper, const Judgement& judgement);

}  // namespace faceauth
