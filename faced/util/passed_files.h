// Descriptors that came with a message (SCM_RIGHTS).
#pragma once

#include <faced/util/fd.h>

#include <sys/socket.h>

#include <cstddef>
#include <cstring>
#include <vector>

namespace faceauth {

// All of them: what is not taken out of a received message stays open for ever.
[[nodiscard]] inline std::vector<Fd> files_of(msghdr& received) {
  std::vector<Fd> files;
  for (cmsghdr* c = CMSG_FIRSTHDR(&received); c != nullptr; c = CMSG_NXTHDR(&received, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      files.emplace_back(fd);
    }
  }
  return files;
}

}  // namespace faceauth
