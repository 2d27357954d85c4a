// The service files of this machine: looked up as libpam does, and changed in one step or not at all.
#pragma once

#include <enroll-tool/fd.h>
#include <enroll-tool/pam_chain.h>
#include <faceauth/result.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace faceauth::enroll::pam {

// Where everything lies. Only tests say anything else than the default; no option and no variable leads here.
struct Tree {
  std::string root;               // put before every path
  uid_t owner = 0;                // of every file and directory that is trusted
  std::function<void()> written;  // called between a change and the look at what it made
};

[[nodiscard]] Reader reader_of(const Tree& tree);

// The services there are; not the parts of them that Debian calls common-*.
[[nodiscard]] std::vector<std::string> services_of(const Tree& tree);

// Whether the module can be loaded, by the same rules of trust. Fails with what is wrong.
[[nodiscard]] Result<void> module_installed(const Tree& tree);

// A service's file in /etc/pam.d, opened to be changed. Nobody else's change can slip in between reading and writing:
// the directory is locked against a second enroll-tool, and the file must still be the one that was read.
class ServiceFile {
 public:
  // Errors: not_found, unsafe_path, busy, unsupported (only the vendor's copy exists), io.
  [[nodiscard]] static Result<ServiceFile> open(const Tree& tree, const std::string& service);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // Keeps `text()` under /var/backups and gives the path.
  [[nodiscard]] Result<std::string> back_up(const Tree& tree) const;
  // The new text under the old name, with the old owner, mode and extended attributes, on the disk when this returns.
  [[nodiscard]] Result<void> replace(const std::string& text);
  // `text()` again, whatever is there now.
  [[nodiscard]] Result<void> restore();
  [[nodiscard]] Result<std::string> read_again() const;

 private:
  ServiceFile() = default;
  [[nodiscard]] Result<void> unchanged() const;

  Fd directory_, file_;
  struct stat seen_ {};
  std::string name_, path_, text_;
};

}  // namespace faceauth::enroll::pam
