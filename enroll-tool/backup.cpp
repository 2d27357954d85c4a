// Writes everybody who is registered into a file, sealed under a passphrase; the daemon does the sealing.
#include <enroll-tool/backup_file.h>
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <fmt/core.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

constexpr milliseconds kChunkWithin{60'000};

Result<void> new_passphrase(bool from_stdin, Password& out) {
  if (from_stdin) return read_password(STDIN_FILENO, out);
  if (auto asked = ask_password("Passphrase for the backup: ", out, kPassphraseStdin); !asked) return asked;
  Password again;
  if (auto asked = ask_password("The same again: ", again, kPassphraseStdin); !asked) return asked;
  if (!out.same_as(again)) return fail(Errc::invalid_argument, "the two passphrases differ; no backup was made");
  return {};
}

Result<void> write_backup(Connection& connection, const Password& passphrase, BackupWriter& file) {
  if (auto begun = connection.begin(wire::Type::backup, wire::BackupBegin{passphrase.text()}); !begun) return begun;
  const auto head = connection.expect<wire::BackupChunk>(wire::Type::backup_chunk, kChunkWithin);
  if (!head) return tl::unexpected<Error>(head.error());
  if (auto put = file.put_head({head->data.data, head->data.size}); !put) return put;
  for (;;) {
    const Result<Answer> answer = connection.next(kChunkWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) return file.finish();
    const auto chunk = Connection::decoded<wire::BackupChunk>(*answer, wire::Type::backup_chunk);
    if (!chunk) return tl::unexpected<Error>(chunk.error());
    if (auto put = file.put_chunk({chunk->data.data, chunk->data.size}); !put) return put;
  }
}

}  // namespace

Exit run_backup(const Context& context, const BackupOptions& options) {
  if (!is_root()) return context.out.failed({Errc::not_permitted, "only root may make a backup"});
  // Nobody should think up a passphrase for a file that cannot be written, and who leaves at the prompt leaves no file.
  if (const auto tried = BackupWriter::create(options.file); !tried) return context.out.failed(tried.error());
  Password passphrase;
  if (auto got = new_passphrase(options.passphrase_stdin, passphrase); !got) return context.out.failed(got.error());
  Result<BackupWriter> file = BackupWriter::create(options.file);
  if (!file) return context.out.failed(file.error());
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  if (auto written = write_backup(*connection, passphrase, *file); !written) return context.out.failed(written.error());
  return context.out.done(
      {{"file", options.file}, {"bytes", file->size()}},
      fmt::format("{}: {} bytes; without the passphrase nobody can read it, you neither", options.file, file->size()));
}

}  // namespace faceauth::enroll
