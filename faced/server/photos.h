// The part that enrolment, verification and identification share: photos arrive one by one and are examined by the eye.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/server/connection.h>
#include <faced/server/keeper.h>

#include <faceauth/sight.h>

#include <optional>
#include <vector>

namespace faceauth {

using Gate = FaceIssue (*)(const Sight&);

// Serves `image` frames until `finish`, answering each with its image_result. Root only: anybody else's first image
// ends the connection. Returns the usable sights in order; an unusable photo is answered and not kept, and `refused`
// counts it. Nothing when the connection must end.
struct Photos {
  std::vector<Secret<Sight>> sights;
  std::uint32_t refused = 0;
  FaceIssue last_issue = FaceIssue::none;
};
asio::awaitable<std::optional<Photos>> receive_photos(Keeper& keeper, Connection& client, Gate gate);

}  // namespace faceauth
