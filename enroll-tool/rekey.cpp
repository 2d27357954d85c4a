// Changes the master key. A key file the daemon changes itself; a sealed credential is made here, since only root can.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/credential.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace faceauth::enroll {

namespace {

struct Answered {
  wire::RekeyOutcome outcome = wire::RekeyOutcome::settled;
  std::string credential;
};

// Each on a connection of its own: sealing may take longer than one may stay idle.
Result<Answered> ask(const std::string& socket, const MasterKey* key, bool settle = false) {
  Result<Connection> connection = Connection::open(socket);
  if (!connection) return fail(std::move(connection));
  wire::Rekey request;
  request.has_key = key != nullptr;
  request.settle = settle;
  if (key != nullptr) std::copy(key->bytes().begin(), key->bytes().end(), request.key);
  auto begun = connection->begin(wire::Type::rekey, request);
  ::explicit_bzero(request.key, sizeof request.key);
  if (!begun) return fail(std::move(begun));
  const auto answer = connection->expect<wire::Rekeyed>(wire::Type::rekeyed, kRecordsWithin);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return Answered{answer->outcome, string_of(answer->credential)};
}

bool gave_no_answer(const Error& error) {
  return error.code == Errc::unreachable || error.code == Errc::timed_out || error.code == Errc::protocol;
}

// It may be starting anew just now, and a TPM takes seconds.
Result<Answered> ask_patiently(const std::string& socket, const MasterKey& key) {
  constexpr int kTimes = 10;
  for (int i = 1;; ++i) {
    Result<Answered> answered = ask(socket, &key);
    if (answered || !gave_no_answer(answered.error()) || i == kTimes) return answered;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
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
  auto still = ask_patiently(socket, key);
  if (still) return {};
  // One that does not answer may be starting with the new key, and drops the old one then.
  if (gave_no_answer(still.error()))
    return fail_in(
        fmt::format("{} holds the new master key and {} the old one; keep both until faced has started: if it "
                    "then says that its key does not open the store, swap them",
                    credential.file, credential.old()),
        still.error());
  if (auto back = put_back(credential); !back)
    return fail_in(fmt::format("{} and {} must change places by hand: {}", credential.old(), credential.file,
                               back.error().message),
                   still.error());
  return fail(std::move(still));
}

SealedCredential credential_of(const RekeyOptions& options, const std::string& name) {
  return {name, options.credential.empty() ? "/etc/credstore.encrypted/" + name : options.credential,
          options.with_key.empty() ? "auto" : options.with_key};
}

Error bad_name() { return {Errc::protocol, "faced names a credential that cannot be one; update it and this tool"}; }

// Ends a change that was left: of the keys that open the store, the sealed one in force stays.
Exit settle(const Context& context, const RekeyOptions& options) {
  const Result<Answered> named = ask(context.socket, nullptr, true);
  if (!named) return context.out.failed(named.error());
  if (!is_credential_name(named->credential)) return context.out.failed(bad_name());
  const SealedCredential credential = credential_of(options, named->credential);
  MasterKey key;
  if (auto unsealed = unseal(credential, key); !unsealed) return context.out.failed(unsealed.error());
  if (const Result<Answered> settled = ask(context.socket, &key, true); !settled)
    return context.out.failed(settled.error());
  return context.out.done({{"settled", true}, {"credential", credential.file}},
                          fmt::format("{} holds the only key that opens the store", credential.file));
}

// Options about sealing, and a key that is a file: asked as --settle asks, which changes nothing.
Result<void> may_seal(const std::string& socket) {
  const Result<Answered> named = ask(socket, nullptr, true);
  if (named) return {};
  if (named.error().code != Errc::invalid_argument) return tl::unexpected<Error>(named.error());
  return fail(Errc::invalid_argument,
              "the master key is a file, which faced changes itself; --with-key and --credential are for a sealed one");
}

}  // namespace

Exit run_rekey(const Context& context, const RekeyOptions& options) {
  if (options.settle) return settle(context, options);
  if (!options.with_key.empty() || !options.credential.empty())
    if (auto may = may_seal(context.socket); !may) return context.out.failed(may.error());
  const Result<Answered> answered = ask(context.socket, nullptr);
  if (!answered) return context.out.failed(answered.error());
  if (answered->outcome == wire::RekeyOutcome::settled)
    return context.out.done({{"settled", true}}, "the master key was changed; the old one opens nothing any more");
  if (answered->outcome == wire::RekeyOutcome::pending)
    return context.out.done({{"settled", false}},
                            "the master key was changed; the old one opens the store too until "
                            "faced is restarted");
  if (!is_credential_name(answered->credential)) return context.out.failed(bad_name());
  const SealedCredential credential = credential_of(options, answered->credential);
  if (auto done = rekey_credential(context.socket, credential); !done) return context.out.failed(done.error());
  return context.out.done(
      {{"settled", false}, {"credential", credential.file}},
      fmt::format(
          "{} holds the new master key. Restart faced when it suits; from then on the old key opens nothing, and "
          "{} can be removed",
          credential.file, credential.old()));
}

}  // namespace faceauth::enroll
