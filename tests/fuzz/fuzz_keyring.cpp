// The keyring's file of every version. Its digest is made to fit, so that more than the digest is tried; what no key
// made must not open.
#include "fuzz.h"

#include <faced/crypto/mac.h>
#include <faced/store/keyring.h>
#include <faced/util/fd.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace faceauth;

namespace {

// In memory where there is such a place; one folder for the life of the process.
class Folder {
 public:
  Folder() {
    path_ = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/faceauth-fuzz-XXXXXX" : "/tmp/faceauth-fuzz-XXXXXX";
    fuzz::must(::mkdtemp(path_.data()) != nullptr, "a folder can be made");
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    ::unlinkat(fd_.get(), "keyring", 0);
    ::rmdir(path_.c_str());
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void put(const std::vector<std::uint8_t>& content) const {
    const Fd file(::openat(fd_.get(), "keyring", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    fuzz::must(::write(file.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()), "a write");
  }

 private:
  std::string path_;
  Fd fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  std::vector<std::uint8_t> content(data, data + size);
  if (size > sizeof(Mac)) {
    const std::size_t front = size - sizeof(Mac);
    const Mac sum = digest(std::span(content).first(front));
    std::copy(sum.begin(), sum.end(), content.begin() + static_cast<std::ptrdiff_t>(front));
  }
  folder.put(content);
  const auto file = Keyring::read(folder.fd(), "keyring", "keyring");
  if (!file || !*file) return 0;
  fuzz::must((*file)->content.size() == content.size(), "a keyring is read whole");
  if ((*file)->version != format::kKeyringVersion) return 0;
  const Key master;
  const auto opened = Keyring::unlock(folder.fd(), "keyring", master, **file);
  fuzz::must(!opened, "without the key that made it nothing opens");
  return 0;
}
