// A sealed credential (systemd-creds): made, proved to open, and put in the old one's place. Root's business alone.
#pragma once

#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace faceauth::enroll {

// 32 bytes that are locked in memory as far as allowed, and wiped when they go.
class MasterKey {
 public:
  MasterKey();
  ~MasterKey();
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;
  // Errors: io.
  [[nodiscard]] Result<void> draw();
  [[nodiscard]] const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }
  [[nodiscard]] std::array<std::uint8_t, 32>& bytes() { return bytes_; }

 private:
  std::array<std::uint8_t, 32> bytes_{};
};

struct SealedCredential {
  std::string name;      // as the unit names it
  std::string file;      // in force
  std::string with_key;  // systemd-creds' --with-key=
  [[nodiscard]] std::string draft() const { return file + ".new"; }
  [[nodiscard]] std::string old() const { return file + ".old"; }
};

// Writes the sealed key beside the one in force, synced, and unseals it again to see that it opens.
// Errors: not_found (none is in force, no systemd-creds), io.
[[nodiscard]] Result<void> seal_beside(const SealedCredential& credential, const MasterKey& key);

// The one in force. Errors: as above.
[[nodiscard]] Result<void> unseal(const SealedCredential& credential, MasterKey& key);

// The draft becomes the one in force; the one that was stays as FILE.old. Errors: io.
[[nodiscard]] Result<void> put_in_force(const SealedCredential& credential);
// The way back: the two change places, so that neither key is lost whatever the daemon goes by. Errors: io.
[[nodiscard]] Result<void> put_back(const SealedCredential& credential);

// The daemon is less than root: what it names must be a file's name, not a way to another folder.
[[nodiscard]] bool is_credential_name(std::string_view name);

}  // namespace faceauth::enroll
