#include <enroll-tool/spool.h>
#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace faceauth::enroll {
namespace {

constexpr std::size_t kInMemory = 1u << 20;

bool write_all(std::string_view text, std::FILE* out) {
  return std::fwrite(text.data(), 1, text.size(), out) == text.size();
}

tl::unexpected<Error> not_shown() {
  return fail(Errc::io, fmt::format("the list could not be written: {}", std::strerror(errno)));
}

}  // namespace

void Spool::add(std::string_view text) {
  text_ += text;
  if (text_.size() > kInMemory) move_to_file();
}

// Where no file can be had, memory must do.
void Spool::move_to_file() {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) return;
  if (failed_ == 0 && !write_all(text_, file_.get())) failed_ = errno;
  text_.clear();
}

Result<void> Spool::show(std::FILE* out) {
  if (file_) {
    move_to_file();
    if (failed_ == 0 && std::fflush(file_.get()) != 0) failed_ = errno;
    if (failed_ != 0)
      return fail(failed_ == ENOSPC || failed_ == EDQUOT ? Errc::no_space : Errc::io,
                  fmt::format("a temporary file: {}", std::strerror(failed_)));
    std::rewind(file_.get());
    std::array<char, 64 * 1024> piece;
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), file_.get()))
      if (!write_all({piece.data(), got}, out)) return not_shown();
    if (std::ferror(file_.get()) != 0) return fail(Errc::io, "a temporary file could not be read again");
  }
  return write_all(text_, out) ? Result<void>{} : not_shown();
}

}  // namespace faceauth::enroll
