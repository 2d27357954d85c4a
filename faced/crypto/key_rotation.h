// Putting a new file: master key in the old one's place. The new key lies beside the old one, as PATH.new, until the
// keyring opens with both; then it is renamed over the old one.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <string_view>

namespace faceauth {

[[nodiscard]] bool is_file_key(std::string_view source) noexcept;

// Draws a key and writes it beside the present one, synced; replaces one that an earlier attempt left there.
// Errors: invalid_argument (not file:), unsafe_path, io, no_space.
[[nodiscard]] Result<Key> draft_file_key(std::string_view source);

// Renames it over the present one, synced, and overwrites what the old file held: file systems that copy on write, and
// flash, may keep it nevertheless. Errors: io. The present key stays in place then.
[[nodiscard]] Result<void> install_file_key(std::string_view source);

// Removes a draft. Quiet when there is none, or when that fails: a key that nothing opens with is no key.
void discard_file_key(std::string_view source);

}  // namespace faceauth
