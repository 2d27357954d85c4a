// Brings users back from a backup: all of them, or nobody.
#include <enroll-tool/backup_file.h>
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

constexpr milliseconds kChunkWithin{60'000};
constexpr milliseconds kStoredWithin{600'000};  // a million users take minutes
enum class Mode : std::uint8_t { into_empty = 0, merge = 1, replace = 2 };

Result<wire::RestoreResult> restore(Connection& connection, const RestoreOptions& options, const Password& passphrase,
                                    BackupReader& file) {
  const Mode mode = options.merge ? Mode::merge : options.replace ? Mode::replace : Mode::into_empty;
  const wire::RestoreBegin wanted{static_cast<std::uint8_t>(mode),
                                  options.skip_unknown,
                                  options.adopt_uids,
                                  {file.head().data(), file.head().size()},
                                  passphrase.text()};
  if (auto begun = connection.begin(wire::Type::restore, wanted); !begun) return fail(std::move(begun));
  for (bool sent_all = false;;) {
    const Result<Answer> answer = connection.next(sent_all ? kStoredWithin : kChunkWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::restore_result)
      return Connection::decoded<wire::RestoreResult>(*answer, wire::Type::restore_result);
    if (const auto more = Connection::decoded<wire::Empty>(*answer, wire::Type::restore_more); !more)
      return tl::unexpected<Error>(more.error());
    const Result<BackupReader::Chunk> chunk = file.next();
    if (!chunk) return tl::unexpected<Error>(chunk.error());
    sent_all = chunk->last;
    const wire::RestoreChunk frame{chunk->last, {chunk->data.data(), chunk->data.size()}};
    if (auto sent = connection.send(wire::Type::restore_chunk, frame); !sent) return fail(std::move(sent));
  }
}

}  // namespace

Exit run_restore(const Context& context, const RestoreOptions& options) {
  if (!is_root()) return context.out.failed({Errc::not_permitted, "only root may restore a backup"});
  Result<BackupReader> file = BackupReader::open(options.file);
  if (!file) return context.out.failed(file.error());
  Password passphrase;
  auto got = options.passphrase_stdin ? read_password(STDIN_FILENO, passphrase)
                                      : ask_password(fmt::format("Passphrase of {}: ", printable(options.file)),
                                                     passphrase, kPassphraseStdin);
  if (!got) return context.out.failed(got.error());
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  const Result<wire::RestoreResult> done = restore(*connection, options, passphrase, *file);
  if (!done) return context.out.failed(done.error());
  std::string words = fmt::format("{} users with {} templates restored", done->users, done->templates);
  if (done->kept > 0) words += fmt::format("; {} were registered here and stayed as they are", done->kept);
  if (done->left_out > 0) words += fmt::format("; {} whom this system does not know were left out", done->left_out);
  return context.out.done(
      {{"users", done->users}, {"templates", done->templates}, {"kept", done->kept}, {"left_out", done->left_out}},
      words);
}

}  // namespace faceauth::enroll
