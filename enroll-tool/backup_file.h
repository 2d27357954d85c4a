// A backup's file: written whole under another name and then renamed, read piece by piece within bounds. What is in it
// is the daemon's business; here it is a head and chunks with their lengths.
#pragma once

#include <enroll-tool/fd.h>
#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace faceauth::enroll {

inline constexpr std::size_t kBackupHead = 58;
using BackupHead = std::array<std::uint8_t, kBackupHead>;

class BackupWriter {
 public:
  // Errors: io, no_space.
  [[nodiscard]] static Result<BackupWriter> create(const std::string& path);
  BackupWriter(BackupWriter&& other) noexcept;
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;
  ~BackupWriter();  // an unfinished one leaves nothing

  [[nodiscard]] Result<void> put_head(std::span<const std::uint8_t> head);
  [[nodiscard]] Result<void> put_chunk(std::span<const std::uint8_t> chunk);
  // Synced, and in the place of what had the name before.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  BackupWriter(std::string path, std::string draft, Fd file)
      : path_(std::move(path)), draft_(std::move(draft)), file_(std::move(file)) {}
  [[nodiscard]] Result<void> write(std::span<const std::uint8_t> data);
  [[nodiscard]] tl::unexpected<Error> failure() const;

  std::string path_, draft_;  // no draft: finished, or moved from
  Fd file_;
  std::uint64_t size_ = 0;
};

class BackupReader {
 public:
  // Errors: not_found, io, invalid_argument (no regular file, or too short to be one).
  [[nodiscard]] static Result<BackupReader> open(const std::string& path);
  [[nodiscard]] const BackupHead& head() const { return head_; }

  struct Chunk {
    std::vector<std::uint8_t> data;
    bool last = false;  // the file ends behind it
  };
  // Errors: corrupt (cut short, or a length out of bounds), io.
  [[nodiscard]] Result<Chunk> next();

 private:
  BackupReader(std::string path, Fd file, std::uint64_t size)
      : path_(std::move(path)), file_(std::move(file)), left_(size) {}
  [[nodiscard]] Result<void> read(std::span<std::uint8_t> out);

  std::string path_;
  Fd file_;
  std::uint64_t left_;
  BackupHead head_{};
};

}  // namespace faceauth::enroll
