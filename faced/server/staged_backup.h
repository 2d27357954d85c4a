// A backup on its way in: each chunk is checked as it arrives and kept, still sealed, in a file without a name, until
// the whole has proved right; then its users can be read from there. Memory is bounded by one user.
#pragma once

#include <faced/crypto/sealed_stream.h>
#include <faced/store/backup_format.h>
#include <faced/store/restore.h>
#include <faced/util/fd.h>

#include <faceauth/limits.h>
#include <faceauth/result.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace faceauth {

class StagedBackup final : public RestoreSource {
 public:
  // In `directory`, on the store's own file system; at most `bytes_max` are kept there. Errors: io, no_space.
  [[nodiscard]] static Result<std::unique_ptr<StagedBackup>> open(const std::string& directory, Key key,
                                                                  const backup::HeadBytes& head,
                                                                  std::uint64_t bytes_max = limits::kBackupBytesMax);

  // The next chunk; a user when it completed one. `last`: nothing follows it in the client's file.
  // Errors: wrong_password (the first does not open), corrupt, io, no_space.
  [[nodiscard]] Result<std::optional<BackupUser>> take(std::span<const std::uint8_t> sealed, bool last);
  [[nodiscard]] bool complete() const noexcept { return arriving_.parser.ended(); }

  void leave_out(const std::string& user) { changes_[user] = std::nullopt; }
  void rename_uid(const std::string& user, std::uint32_t uid) { changes_[user] = uid; }
  [[nodiscard]] std::uint64_t users() const noexcept { return arriving_.parser.totals().users; }
  [[nodiscard]] std::uint64_t left_out() const;

  [[nodiscard]] Result<void> rewind() override;
  [[nodiscard]] Result<std::optional<BackupUser>> next() override;

 private:
  struct Walk {
    Walk(const Key& key, const StreamHeader& header) : stream(key, header) {}
    OpeningStream stream;
    BackupParser parser;
    bool first = true;
  };

  StagedBackup(Fd file, Key key, const backup::HeadBytes& head, const StreamHeader& stream, std::uint64_t bytes_max);
  [[nodiscard]] Result<std::optional<BackupUser>> open_chunk(Walk& walk, std::span<const std::uint8_t> sealed);
  [[nodiscard]] Result<void> read(void* out, std::size_t size);

  Fd file_;
  Key key_;
  backup::HeadBytes head_;
  StreamHeader stream_;
  Walk arriving_;
  std::optional<Walk> leaving_;
  std::uint64_t at_ = 0, kept_ = 0, bytes_max_;
  std::map<std::string, std::optional<std::uint32_t>> changes_;  // another uid here; nothing: left out
};

}  // namespace faceauth
