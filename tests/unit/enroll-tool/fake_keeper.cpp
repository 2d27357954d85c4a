#include "fake_keeper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <tests/unit/support/send_descriptors.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace faceauth::test {

namespace {

constexpr int kPatienceMs = 10'000;

bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, kPatienceMs) == 1;
}

// All of it, and the descriptor that came along, if any.
bool receive(int fd, std::uint8_t* data, std::size_t size, enroll::Fd& passed) {
  std::size_t got = 0;
  while (got < size) {
    if (!readable(fd)) return false;
    iovec part{data + got, size - got};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && header->cmsg_type == SCM_RIGHTS) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
      passed = enroll::Fd(descriptor);
    }
  }
  return true;
}

}  // namespace

void Peer::picture(int memory) const {
  std::uint8_t frame[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(frame, wire::Type::picture, nonce, wire::Empty{});
  static_cast<void>(send_descriptor(fd_, frame, size, memory));
}

void Peer::raw(const void* data, std::size_t size) const {
  // A tool that has heard enough may be gone: not this end's failure.
  static_cast<void>(::send(fd_, data, size, MSG_NOSIGNAL));
}

void Peer::hang_up() { ::shutdown(fd_, SHUT_RDWR); }

void Peer::wait_for_close() const {
  std::uint8_t byte = 0;
  while (readable(fd_) && ::recv(fd_, &byte, 1, 0) > 0) {
  }
}

pid_t Peer::pid() const {
  ucred client{};
  socklen_t size = sizeof client;
  return ::getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &client, &size) == 0 ? client.pid : -1;
}

FakeKeeper::FakeKeeper(Handler handler, uid_t as_uid) : handler_(std::move(handler)) {
  ::chmod(dir_.path().c_str(), 0755);  // a tool that runs as another user reaches it
  const std::string path = dir_ / "faced.sock";
  config_ = dir_.write("faced.toml", "[paths]\nsocket = \"" + path + "\"\n", 0644);
  listener_ = enroll::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("bind");
  ::chmod(path.c_str(), 0666);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  stop_read_ = enroll::Fd(ends[0]);
  stop_write_ = enroll::Fd(ends[1]);

  // The bare system call changes this thread alone; the credentials of listen() are what the client sees.
  if (as_uid != static_cast<uid_t>(-1)) ::syscall(SYS_setresuid, -1, as_uid, -1);
  const int listening = ::listen(listener_.get(), 8);
  if (as_uid != static_cast<uid_t>(-1)) ::syscall(SYS_setresuid, -1, 0, -1);
  if (listening != 0) throw std::runtime_error("listen");
  thread_ = std::thread([this] { serve(); });
}

FakeKeeper::~FakeKeeper() {
  static_cast<void>(!::write(stop_write_.get(), "x", 1));
  thread_.join();
}

std::vector<wire::Type> FakeKeeper::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void FakeKeeper::serve() {
  for (;;) {
    pollfd entries[2] = {{listener_.get(), POLLIN, 0}, {stop_read_.get(), POLLIN, 0}};
    ::poll(entries, 2, -1);
    if (entries[1].revents != 0) return;
    const enroll::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ++connections_;
    talk(connection.get());
  }
}

void FakeKeeper::talk(int fd) {
  Peer peer(fd);
  for (;;) {
    Request request;
    std::uint8_t head[wire::kHeaderSize];
    if (!receive(fd, head, sizeof head, request.fd)) return;
    wire::Header header;
    if (!wire::decode_header(head, header)) {
      ADD_FAILURE() << "the tool sent a malformed header";
      return;
    }
    request.type = header.type;
    request.nonce = peer.nonce = header.nonce;
    request.bytes.resize(header.body_size);
    if (!receive(fd, request.bytes.data(), header.body_size, request.fd)) return;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request.type);
    }
    handler_(peer, request);
  }
}

}  // namespace faceauth::test
