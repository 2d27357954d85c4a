// Where the master key comes from.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <string_view>

namespace faceauth {

// `source` is "file:/path" (32 bytes, 0400 or 0600, trusted path) or "credential:NAME" ($CREDENTIALS_DIRECTORY/NAME,
// 32 bytes, read as systemd placed it). With `may_create`, a missing file: key is drawn and written (O_EXCL, 0400,
// synced with its directory); a credential never is. An existing file is never overwritten.
// Errors: not_found (says how to make one), unsafe_path, invalid_argument (size, unknown source), io, no_space.
[[nodiscard]] Result<Key> load_master_key(std::string_view source, bool may_create);

}  // namespace faceauth
