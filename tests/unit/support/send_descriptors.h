// Descriptors passed over a Unix socket, beside the bytes they belong to.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>

namespace faceauth::test {

// What sendmsg gives. The caller's descriptors stay open.
inline ssize_t send_descriptors(int socket, const void* data, std::size_t size, std::span<const int> descriptors,
                                int flags = MSG_NOSIGNAL) {
  constexpr std::size_t kMost = 253;  // the kernel's SCM_MAX_FD
  if (descriptors.size() > kMost) std::abort();
  iovec part{const_cast<void*>(data), size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMost)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  return ::sendmsg(socket, &message, flags);
}

inline ssize_t send_descriptor(int socket, const void* data, std::size_t size, int descriptor,
                               int flags = MSG_NOSIGNAL) {
  return send_descriptors(socket, data, size, {&descriptor, 1}, flags);
}

}  // namespace faceauth::test
