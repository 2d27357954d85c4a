// What a registration's views come to: one person's, nobody else's, and the templates made of them.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/server/connection.h>
#include <faced/server/keeper.h>

#include <faceauth/result.h>
#include <faceauth/sight.h>

#include <string>
#include <vector>

namespace faceauth {

enum class ViewsFrom : std::uint8_t { photos, camera };

// The encodings to store for `user`, whose templates of the same light are looked at. The client is told which photos
// show somebody else than the others, or than the templates the user has. Errors: no_usable_face (then nothing may be
// stored), eye_failed, cancelled, those of the store.
asio::awaitable<Result<std::vector<Secret<Encodings>>>> choose_views(Keeper& keeper, Connection& client,
                                                                     std::string user,
                                                                     const std::vector<Secret<Sight>>& sights,
                                                                     ViewsFrom from,
                                                                     Modality modality = Modality::color);

// Another registered user for whom these views would pass; empty when there is none.
asio::awaitable<Result<std::string>> other_user_of(Keeper& keeper, std::string user,
                                                   const std::vector<Secret<Sight>>& sights,
                                                   Modality modality = Modality::color);

}  // namespace faceauth
