// Enough good frames from the camera for one comparison with anybody.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/server/guidance.h>
#include <faced/server/keeper.h>

#include <faceauth/sight.h>
#include <faceauth/verdict.h>

#include <memory>
#include <vector>

namespace faceauth {

// Why a frame or a photo shows nobody who could be judged.
[[nodiscard]] Verdict verdict_of(FaceIssue issue);

struct Look {
  std::vector<Secret<Sight>> sights;   // empty when the time was up or the client left, and then
  Verdict nothing = Verdict::no_face;  // why: not_live once a group's worth of frames was not, else of the last frame
  Modality modality = Modality::color;
  std::unique_ptr<Viewer> viewer;  // the camera goes on for as long as it lives; null when photos were looked at
};

// By the first camera. With `guidance` the client is told what is wrong with the picture.
asio::awaitable<Result<Look>> look(Keeper& keeper, Connection& client, Steady deadline, Guidance* guidance = nullptr);

}  // namespace faceauth
