// Files, directories, sockets and new descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "../support/send_descriptors.h"
#include "attempts.h"

namespace faceauth::vision {
namespace {

using Outside = Attempt::Outside;

int open_path(const char* path, int flags) { return outcome(::open(path, flags, 0600)); }

int list_root(const Targets&) {
  DIR* directory = ::opendir("/");
  if (directory == nullptr) return errno;
  return ::readdir(directory) != nullptr ? 0 : errno;
}

int stat_path(const Targets&) {
  struct stat st {};
  return outcome(::stat("/etc/passwd", &st));
}

int read_link(const Targets&) {
  std::array<char, 256> target{};
  return outcome(::readlink("/proc/self/exe", target.data(), target.size()));
}

int in_directory(const Targets& t, int (*run)(const char*)) { return outcome(run((t.directory + "/new").c_str())); }

int rename_victim(const Targets& t) {
  return outcome(::rename((t.directory + "/victim.txt").c_str(), (t.directory + "/victim2.txt").c_str()));
}

int fill_disk(const Targets& t) {
  const std::array<char, 4096> block{};
  for (int i = 0; i < 64; ++i)
    if (::write(t.file, block.data(), block.size()) < 0) return errno;
  return 0;
}

int new_socket(int family, int type) { return outcome(::socket(family, type, 0)); }

int connect_to_abstract(const Targets& t) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const socklen_t size = sizeof(sa_family_t) + 3;
  std::memcpy(address.sun_path, "\0x", 2);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  (void)t;
  return outcome(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size));
}

int bind_a_port(const Targets&) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return outcome(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

int connect_inherited(const Targets& t) {  // a socket it has, to somewhere else
  sockaddr unspecified{};
  unspecified.sa_family = AF_UNSPEC;
  const int result = ::connect(t.socket, &unspecified, sizeof unspecified);
  // A sequenced-packet socket says EINVAL: the call got through, which is what counts.
  return result == 0 || errno == EINVAL ? 0 : errno;
}

int pass_descriptor(const Targets& t) {
  const char byte = 1;
  return outcome(test::send_descriptor(t.socket, &byte, 1, STDIN_FILENO, MSG_DONTWAIT));
}

int receive_descriptor(const Targets& t) {
  char byte = 0;
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t got = ::recvmsg(t.socket, &message, MSG_DONTWAIT);
  return got >= 0 || errno == EAGAIN ? 0 : errno;
}

int make_pipe(const Targets&) {
  std::array<int, 2> ends{};
  return outcome(::pipe(ends.data()));
}

int make_socketpair(const Targets&) {
  std::array<int, 2> ends{};
  return outcome(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
}

int open_by_handle(const Targets& t) {
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + MAX_HANDLE_SZ> memory{};
  auto* handle = reinterpret_cast<file_handle*>(memory.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  if (::name_to_handle_at(AT_FDCWD, t.store.c_str(), handle, &mount, 0) != 0) return errno;
  return outcome(::open_by_handle_at(t.file, handle, O_RDONLY));
}

int openat2_store(const Targets& t) {
  std::array<std::uint64_t, 3> how{O_RDONLY, 0, 0};
  return outcome(::syscall(SYS_openat2, AT_FDCWD, t.store.c_str(), how.data(), sizeof how));
}

}  // namespace

std::vector<Attempt> file_attempts() {
  return {
      {"open a file to read", [](const Targets&) { return open_path("/etc/passwd", O_RDONLY); }, Outside::succeeds,
       Attempt::Place::nowhere, 1},
      {"read the store", [](const Targets& t) { return open_path(t.store.c_str(), O_RDONLY); }, Outside::succeeds,
       Attempt::Place::nowhere, 1},
      {"write the store", [](const Targets& t) { return open_path(t.store.c_str(), O_WRONLY); }, Outside::succeeds,
       Attempt::Place::nowhere, 1},
      {"read the store by openat2", openat2_store, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"read the store by handle", open_by_handle, Outside::depends, Attempt::Place::nowhere, 1},
      {"create a file", [](const Targets& t) { return open_path((t.directory + "/new").c_str(), O_WRONLY | O_CREAT); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"open by O_PATH", [](const Targets&) { return open_path("/", O_PATH | O_DIRECTORY); }},
      {"open /proc/self/mem", [](const Targets&) { return open_path("/proc/self/mem", O_RDWR); }, Outside::succeeds,
       Attempt::Place::nowhere, 1},
      {"open a device", [](const Targets&) { return open_path("/dev/zero", O_RDWR); }, Outside::succeeds,
       Attempt::Place::nowhere, 1},
      {"open the keeper's memory",
       [](const Targets& t) { return open_path(("/proc/" + std::to_string(t.keeper) + "/mem").c_str(), O_RDONLY); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"list a directory", list_root, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"learn whether a file exists", stat_path},
      {"read a link", read_link},
      {"access()", [](const Targets&) { return outcome(::access("/etc/passwd", R_OK)); }},
      {"make a directory",
       [](const Targets& t) { return in_directory(t, [](const char* p) { return ::mkdir(p, 0700); }); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"make a link", [](const Targets& t) { return in_directory(t, [](const char* p) { return ::symlink("/", p); }); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"make a FIFO", [](const Targets& t) { return in_directory(t, [](const char* p) { return ::mkfifo(p, 0600); }); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"rename a file", rename_victim, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"remove a file", [](const Targets& t) { return outcome(::unlink((t.directory + "/victim.txt").c_str())); },
       Outside::succeeds, Attempt::Place::nowhere, 1},
      {"truncate a file", [](const Targets& t) { return outcome(::truncate(t.store.c_str(), 0)); }, Outside::succeeds,
       Attempt::Place::nowhere, 3},
      {"change a file's mode", [](const Targets& t) { return outcome(::chmod(t.store.c_str(), 0666)); }},
      {"change its working directory", [](const Targets&) { return outcome(::chdir("/")); }},
      {"watch a directory", [](const Targets&) { return outcome(::inotify_init1(0)); }},
      {.name = "fill the disk through a passed descriptor", .run = fill_disk, .limited = true},
      {"truncate a passed descriptor", [](const Targets& t) { return outcome(::ftruncate(t.file, 1 << 20)); }},
      {"change a passed descriptor's mode", [](const Targets& t) { return outcome(::fchmod(t.file, 0777)); }},
      {"Unix socket", [](const Targets&) { return new_socket(AF_UNIX, SOCK_STREAM); }},
      {"IPv4 socket", [](const Targets&) { return new_socket(AF_INET, SOCK_STREAM); }},
      {"IPv4 datagram socket", [](const Targets&) { return new_socket(AF_INET, SOCK_DGRAM); }},
      {"IPv6 socket", [](const Targets&) { return new_socket(AF_INET6, SOCK_STREAM); }, Outside::depends},
      {"netlink socket", [](const Targets&) { return new_socket(AF_NETLINK, SOCK_RAW); }},
      {"packet socket", [](const Targets&) { return new_socket(AF_PACKET, SOCK_RAW); }, Outside::depends},
      {"virtual machine socket", [](const Targets&) { return new_socket(AF_VSOCK, SOCK_STREAM); }, Outside::depends},
      {"bind an abstract socket", connect_to_abstract},
      {"bind a TCP port", bind_a_port, Outside::succeeds, Attempt::Place::nowhere, 4},
      {"connect a socket it has", connect_inherited},
      {"pass a descriptor to the keeper", pass_descriptor},
      {"receive a descriptor", receive_descriptor, Outside::succeeds, Attempt::Place::first_process},
      {"duplicate a descriptor", [](const Targets&) { return outcome(::dup(STDIN_FILENO)); }},
      {"duplicate onto a number", [](const Targets&) { return outcome(::dup2(STDIN_FILENO, 90)); }, Outside::succeeds,
       Attempt::Place::first_process},
      {"duplicate by fcntl", [](const Targets&) { return outcome(::fcntl(STDIN_FILENO, F_DUPFD, 0)); }},
      {"pipe", make_pipe},
      {"socketpair", make_socketpair},
      {"memfd_create", [](const Targets&) { return outcome(::memfd_create("x", 0)); }},
      {"eventfd", [](const Targets&) { return outcome(::eventfd(0, 0)); }},
      {"epoll", [](const Targets&) { return outcome(::epoll_create1(0)); }},
      {"timerfd", [](const Targets&) { return outcome(::timerfd_create(CLOCK_MONOTONIC, 0)); }},
  };
}

}  // namespace faceauth::vision
