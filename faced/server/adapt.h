// What joins a user's templates after a login by face and password (match.adapt).
#pragma once

#include <faced/server/handlers.h>

#include <faceauth/sight.h>

namespace faceauth {

// Stores `candidate` if it may join now, by what is stored now. `registration`: whose login it was. A failure is
// logged.
void adapt(Keeper& keeper, const Connection& client, const Request& request, const RegistrationId& registration,
           const Encodings& candidate);

}  // namespace faceauth
