// The keys of data.mdb that are not a user's, derived from the store key, which the keyring holds.
#pragma once

#include <faced/crypto/secret.h>

namespace faceauth {

struct StoreKeys {
  explicit StoreKeys(const Key& store_key);
  Key check;       // that data.mdb and keyring belong together
  Key header;      // the clear front of each user's record
  Key ledger;      // seals the audit entries
  Key ledger_mac;  // links them
};

}  // namespace faceauth
