// Walking over everybody's templates, page by page, so that logins have their turn in between.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/server/keeper.h>

#include <faceauth/sight.h>

#include <functional>
#include <string>

namespace faceauth {

// Calls `visit` with each user's reference (the mean of the templates of this light and the present models); users
// without one are passed over, and so are users whose templates do not open (logged). A user record that does not open
// ends the walk with that error. `visit` returns false to stop.
asio::awaitable<Result<void>> for_each_reference(Keeper& keeper,
                                                 std::function<bool(const UserSummary&, const Encodings&)> visit,
                                                 Modality modality = Modality::color);

}  // namespace faceauth
