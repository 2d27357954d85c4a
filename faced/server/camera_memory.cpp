#include <faced/server/camera_memory.h>

#include <faced/util/fd.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace faceauth {
namespace {

constexpr std::size_t kMarkDigits = 9;
constexpr std::size_t kFileMax = 64;
constexpr std::string_view kNone = "-";

bool is_mark(std::string_view text) {
  return text.size() == kMarkDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

CameraMemory::Marks CameraMemory::recall() const {
  const Fd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, kFileMax> text{};
  const ssize_t size = file.valid() ? ::read(file.get(), text.data(), text.size()) : 0;
  std::string_view rest(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  Marks marks;
  for (std::string& mark : marks) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (is_mark(rest.substr(0, end))) mark = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return marks;
}

Result<void> CameraMemory::note(const Marks& marks) const {
  std::string text;
  for (const std::string& mark : marks) text.append(mark.empty() ? kNone : std::string_view(mark)) += '\n';
  const std::string fresh = path_ + ".new";
  const auto failed = [&] {
    return fail(errno == ENOSPC ? Errc::no_space : Errc::io, path_ + ": " + std::strerror(errno));
  };
  const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid() || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::rename(fresh.c_str(), path_.c_str()) != 0)
    return failed();
  return {};
}

}  // namespace faceauth
