// Changes the master key. A key file the daemon changes itself; a sealed credential is made here, since only root can.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/credential.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

struct Answered {
  wire::RekeyOutcome outcome = wire::RekeyOutcome::settled;
  std::string credential;
};

// Each on a connection of its own: sealing may take longer than one may stay idle.
Result<Answered> ask(const std::string& socket, const MasterKey* key) {
  Result<Connection> connection = Connection::open(socket);
  if (!connection) return fail(std::move(connection));
  wire::Rekey request;
  request.has_key = key != nullptr;
  if (key != nullptr) std::copy(key->bytes().begin(), key->bytes().end(), request.key);
  auto begun = connection->begin(wire::Type::rekey, request);
  ::explicit_bzero(request.key, sizeof request.key);
  if (!begun) return fail(std::move(begun));
  const auto answer = connection->expect<wire::Rekeyed>(wire::Type::rekeyed, kRecordsWithin);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return Answered{answer->outcome, string_of(answer->credential)};
}

// At each step the credential in force opens the store: the old one until the daemon knows the new key, both after
// that.
Result<void> rekey_credential(const std::string& socket, const SealedCredential& credential) {
  MasterKey key;
  if (auto drawn = key.draw(); !drawn) return drawn;
  if (auto sealed = seal_beside(credential, key); !sealed) return sealed;
  if (auto added = ask(socket, &key); !added) return fail(std::move(added));
  if (auto placed = put_in_force(credential); !placed) return placed;
  // A daemon that started anew in between may have settled an earlier change, and dropped this key with it.
  auto still = ask(socket, &key);
  if (still) return {};
  if (auto back = put_back(credential); !back)
    return fail_in(fmt::format("{} must be put back by hand: {}", credential.old(), back.error().message),
                   still.error());
  return fail(std::move(still));
}

}  // namespace

Exit run_rekey(const Context& context, const RekeyOptions& options) {
  const Result<Answered> answered = ask(context.socket, nullptr);
  if (!answered) return context.out.failed(answered.error());
  if (answered->outcome == wire::RekeyOutcome::settled)
    return context.out.done({{"settled", true}}, "the master key was changed; the old one opens nothing any more");
  if (answered->outcome == wire::RekeyOutcome::pending)
    return context.out.done({{"settled", false}},
                            "the master key was changed; the old one opens the store too until "
                            "faced is restarted");
  const SealedCredential credential{
      answered->credential,
      options.credential.empty() ? "/etc/credstore.encrypted/" + answered->credential : options.credential,
      options.with_key};
  if (auto done = rekey_credential(context.socket, credential); !done) return context.out.failed(done.error());
  return context.out.done(
      {{"settled", false}, {"credential", credential.file}},
      fmt::format(
          "{} holds the new master key. Restart faced when it suits; from then on the old key opens nothing, and "
          "{} can be removed",
          credential.file, credential.old()));
}

}  // namespace faceauth::enroll
