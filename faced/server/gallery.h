// Everybody's references: walking over them, and whose is the nearest. Page by page, so that logins have their turn.
#pragma once

#include <faced/auth/identifier.h>
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

// Who of all users this is; the same as comparing him with every reference, and faster where an index of them may be
// kept in locked memory. Whoever may not log in by face now counts as well: with him left out, the next most similar
// person would be named instead. `probe` lives until the end.
asio::awaitable<Result<Identifier::Answer>> identify_in_gallery(Keeper& keeper, const Encodings& probe,
                                                                Modality modality);

}  // namespace faceauth
