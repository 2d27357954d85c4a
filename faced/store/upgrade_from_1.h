// From schema 1, whose keys all came from the master key, to schema 2, where they come from keys of the store's own.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/keyring_v1.h>
#include <faced/store/lmdb_env.h>

#include <faceauth/result.h>

#include <string>

namespace faceauth {

// `old` and data.mdb have been verified to belong together. The new keyring is written beside the old one first; then
// one transaction gives every record's front its new MAC and data.mdb its new schema; then the new keyring takes the
// old one's place. A failure before the transaction's end leaves the old store; behind it, opening again finishes.
// Errors: corrupt when a user's record is damaged, no_space, io.
[[nodiscard]] Result<Keyring> upgrade_from_1(Env& env, int directory, const std::string& keyring_path,
                                             const Key& master, const KeyringV1& old);

}  // namespace faceauth
