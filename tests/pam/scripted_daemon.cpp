#include "scripted_daemon.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace faceauth::test {
namespace {

bool readable(int fd, int ms) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, ms) > 0;
}

bool read_all(int fd, std::uint8_t* out, std::size_t size) {
  while (size > 0) {
    if (!readable(fd, 5000)) return false;
    const ssize_t n = ::recv(fd, out, size, 0);
    if (n <= 0) return false;
    out += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

void require(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::abort();
}

}  // namespace

Client::~Client() { ::close(fd_); }

bool Client::receive() {
  if (!read_all(fd_, frame_, wire::kHeaderSize)) return false;
  std::uint8_t head[wire::kHeaderSize];
  std::memcpy(head, frame_, sizeof head);
  return wire::decode_header(head, header_) && read_all(fd_, frame_ + wire::kHeaderSize, header_.body_size);
}

bool Client::send_bytes(const std::vector<std::uint8_t>& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool Client::wait_until_gone() {
  std::uint8_t byte = 0;
  while (readable(fd_, 10'000))
    if (::recv(fd_, &byte, 1, 0) <= 0) return true;
  return false;
}

ScriptedDaemon::ScriptedDaemon(Script script, uid_t listen_as) : script_(std::move(script)) {
  require(::chmod(dir_.path().c_str(), 0755) == 0, "chmod");
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
  require(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  require(::chmod(socket().c_str(), 0666) == 0, "chmod");
  std::thread([&] {
    // SO_PEERCRED tells who called listen(). The bare system call changes this thread alone.
    if (listen_as != 0) require(::syscall(SYS_setresuid, -1, listen_as, -1) == 0, "setresuid");
    require(::listen(listener_, 16) == 0, "listen");
  }).join();
  require(::pipe(stop_) == 0, "pipe");
  thread_ = std::thread([this] { serve(); });
}

void ScriptedDaemon::serve() {
  for (;;) {
    pollfd p[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(p, 2, -1);
    if (p[0].revents == 0) return;  // told to stop, and nobody is left waiting
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    Client client(fd);
    ++served_;
    script_(client);
  }
}

void ScriptedDaemon::stop() {
  if (!thread_.joinable()) return;
  require(::write(stop_[1], "x", 1) == 1, "write");
  thread_.join();
}

ScriptedDaemon::~ScriptedDaemon() {
  stop();
  for (const int fd : {listener_, stop_[0], stop_[1]}) ::close(fd);
}

}  // namespace faceauth::test
