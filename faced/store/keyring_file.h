// Reading and writing a keyring's bytes, whatever its keys.
#pragma once

#include <faced/store/keyring.h>

#include <faceauth/result.h>

#include <initializer_list>
#include <string>

namespace faceauth::keyring_file {

// See Keyring::read. Of every version that ever was.
[[nodiscard]] Result<std::optional<Keyring::File>> read(int directory, const char* name, const std::string& path);

// Written whole, its parts one behind the other, and synced; not yet its directory.
[[nodiscard]] Result<void> write(int directory, const char* name, const std::string& path,
                                 std::initializer_list<format::View> parts);

[[nodiscard]] tl::unexpected<Error> damaged(const std::string& path, const char* how);
[[nodiscard]] tl::unexpected<Error> failure(const std::string& path, const char* step);  // of errno

}  // namespace faceauth::keyring_file
