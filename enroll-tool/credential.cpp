#include <enroll-tool/credential.h>
#include <enroll-tool/deadline.h>
#include <enroll-tool/fd.h>
#include <enroll-tool/file.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

namespace faceauth::enroll {

namespace {

using std::chrono::milliseconds;

constexpr const char* kProgram = "/usr/bin/systemd-creds";
constexpr milliseconds kSealWithin{60'000};  // a TPM takes seconds
constexpr std::size_t kNameMax = 255;

tl::unexpected<Error> failure(const std::string& file) { return fail(Errc::io, fmt::format("{}: {}", file, reason())); }

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// What it prints, up to `out.size()` bytes; its number, -1 for a failure or none in time.
ssize_t collect(int fd, std::uint8_t* out, std::size_t size, const Deadline& deadline) {
  std::size_t have = 0;
  for (;;) {
    pollfd wait{fd, POLLIN, 0};
    if (::poll(&wait, 1, deadline.left_ms()) <= 0) return -1;
    std::uint8_t beyond = 0;
    const ssize_t got = have < size ? ::read(fd, out + have, size - have) : ::read(fd, &beyond, 1);
    if (got == 0) return static_cast<ssize_t>(have);
    if (got < 0 || have == size) return -1;
    have += static_cast<std::size_t>(got);
  }
}

bool ended_well(pid_t child, const Deadline& deadline) {
  int status = 0;
  pid_t got = 0;
  while ((got = ::waitpid(child, &status, WNOHANG)) == 0) {
    if (deadline.left_ms() == 0) ::kill(child, SIGKILL);
    ::poll(nullptr, 0, 10);
  }
  return got == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Runs systemd-creds with the key on its standard input, or its standard output into `unsealed`.
Result<void> run_creds(std::vector<std::string> arguments, const MasterKey* key,
                       std::array<std::uint8_t, 32>* unsealed) {
  auto in = make_pipe(), out = make_pipe();
  if (!in || !out) return fail(Errc::io, "no pipe to systemd-creds can be made");
  arguments.insert(arguments.begin(), kProgram);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in->read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
  pid_t child = -1;
  const int error = ::posix_spawn(&child, kProgram, &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(error == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", kProgram, reason(error)));
  in->read = Fd();
  out->write = Fd();
  const Deadline deadline(kSealWithin);
  // 32 bytes always fit into an empty pipe.
  bool good = key == nullptr ||
              ::write(in->write.get(), key->bytes().data(), key->bytes().size()) == ssize_t{sizeof(key->bytes())};
  in->write = Fd();
  std::uint8_t nothing = 0;
  const ssize_t got = collect(out->read.get(), unsealed != nullptr ? unsealed->data() : &nothing,
                              unsealed != nullptr ? unsealed->size() : 0, deadline);
  good = good && got == (unsealed != nullptr ? ssize_t{sizeof *unsealed} : 0);
  if (ended_well(child, deadline) && good) return {};
  return fail(Errc::io, fmt::format("systemd-creds {} failed; its own message stands above", arguments[1]));
}

bool sync_file(const std::string& file, int flags) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags));
  return fd.valid() && ::fsync(fd.get()) == 0;
}

bool sync_parent(const std::string& file) { return sync_file(file.substr(0, file.rfind('/') + 1) + ".", O_DIRECTORY); }

}  // namespace

MasterKey::MasterKey() { static_cast<void>(::mlock(bytes_.data(), bytes_.size())); }
MasterKey::~MasterKey() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

Result<void> MasterKey::draw() {
  if (::getrandom(bytes_.data(), bytes_.size(), 0) != ssize_t{sizeof bytes_}) return failure("getrandom");
  return {};
}

namespace {

Result<void> is_there(const SealedCredential& credential) {
  struct stat info {};
  if (::lstat(credential.file.c_str(), &info) == 0 && S_ISREG(info.st_mode)) return {};
  return fail(Errc::not_found, fmt::format("there is no sealed credential {}: name the one in force with --credential",
                                           credential.file));
}

}  // namespace

Result<void> unseal(const SealedCredential& credential, MasterKey& key) {
  if (auto there = is_there(credential); !there) return there;
  return run_creds({"decrypt", "--quiet", "--name=" + credential.name, credential.file, "-"}, nullptr, &key.bytes());
}

Result<void> seal_beside(const SealedCredential& credential, const MasterKey& key) {
  if (auto there = is_there(credential); !there) return there;
  const std::string draft = credential.draft();
  if (::unlink(draft.c_str()) != 0 && errno != ENOENT) return failure(draft);
  if (auto sealed = run_creds({"encrypt", "--quiet", "--name=" + credential.name, "--with-key=" + credential.with_key,
                               "--tpm2-pcrs=7", "-", draft},
                              &key, nullptr);
      !sealed)
    return sealed;
  if (::chmod(draft.c_str(), 0600) != 0 || !sync_file(draft, 0) || !sync_parent(draft)) return failure(draft);

  std::array<std::uint8_t, 32> again{};
  auto opened = run_creds({"decrypt", "--quiet", "--name=" + credential.name, draft, "-"}, nullptr, &again);
  const bool same = again == key.bytes();
  ::explicit_bzero(again.data(), again.size());
  if (!opened) return opened;
  return same ? Result<void>{} : fail(Errc::io, "the new credential does not unseal to what was sealed");
}

Result<void> put_in_force(const SealedCredential& credential) {
  const std::string old = credential.old();
  if (::unlink(old.c_str()) != 0 && errno != ENOENT) return failure(old);
  if (::link(credential.file.c_str(), old.c_str()) != 0) return failure(old);
  if (::rename(credential.draft().c_str(), credential.file.c_str()) != 0 || !sync_parent(credential.file))
    return failure(credential.file);
  return {};
}

Result<void> put_back(const SealedCredential& credential) {
  if (::renameat2(AT_FDCWD, credential.old().c_str(), AT_FDCWD, credential.file.c_str(), RENAME_EXCHANGE) != 0 ||
      !sync_parent(credential.file))
    return failure(credential.file);
  return {};
}

bool is_credential_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != '/' && c < 0x7f; });
}

}  // namespace faceauth::enroll
