// rekey: another master key, without a pause. docs/decisions/0023 tells the order of steps and what a crash leaves.
#include <faced/crypto/key_rotation.h>
#include <faced/server/audit.h>
#include <faced/server/handlers.h>
#include <faced/util/log.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace faceauth {
namespace {

constexpr std::uint32_t kRekeyWithinMs = 10'000;
constexpr std::string_view kCredential = "credential:";

using Outcome = Result<wire::RekeyOutcome>;

Outcome rekey_file(Keeper& keeper, const AuditEvent& event) {
  const std::string& source = keeper.config->key_source;
  if (Result<void> recorded = keeper.store.record(event); !recorded) return fail(std::move(recorded));
  const Result<Key> fresh = draft_file_key(source);
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  if (Result<void> added = keeper.store.add_master_key(*fresh); !added) {
    discard_file_key(source);
    return fail(std::move(added));
  }
  if (Result<void> installed = install_file_key(source); !installed) {
    // Whichever of the two lies there now opens the keyring, so both slots stay until the next start finds out.
    return fail(std::move(installed));
  }
  if (const Result<void> settled = keeper.store.settle_master_key(*fresh); !settled) {
    log::warning("the new master key is in place; the old one opens the store too until the next start: " +
                 settled.error().message);
    return wire::RekeyOutcome::pending;
  }
  log::notice("the master key was changed; the old one opens nothing any more");
  return wire::RekeyOutcome::settled;
}

Outcome rekey_credential(Keeper& keeper, const AuditEvent& event, const Key* fresh) {
  if (fresh == nullptr) return wire::RekeyOutcome::key_needed;
  if (Result<void> recorded = keeper.store.record(event); !recorded) return fail(std::move(recorded));
  if (Result<void> added = keeper.store.add_master_key(*fresh); !added) return fail(std::move(added));
  log::notice("the master key was changed; the old one opens the store too until faced is restarted");
  return wire::RekeyOutcome::pending;
}

// A credential that a change has left, or put in force, becomes the only one. What opens nothing is refused: it would
// lock everybody out.
Outcome settle_credential(Keeper& keeper, const AuditEvent& event, const Key* in_force) {
  if (in_force == nullptr) return wire::RekeyOutcome::key_needed;
  if (!keeper.store.opens_with(*in_force))
    return fail(Errc::wrong_key, "the sealed key in force does not open this store; nothing was changed");
  if (keeper.store.master_keys() < 2) return wire::RekeyOutcome::settled;
  if (Result<void> recorded = keeper.store.record(event); !recorded) return fail(std::move(recorded));
  if (Result<void> settled = keeper.store.settle_master_key(*in_force); !settled) return fail(std::move(settled));
  log::notice("the master key in force is the only one that opens the store");
  return wire::RekeyOutcome::settled;
}

}  // namespace

asio::awaitable<bool> handle_rekey(Keeper& keeper, Connection& client, Request request) {
  wire::Rekey wanted;
  Reader body = client.body();
  if (!wire::decode(body, wanted)) co_return false;
  Key fresh;
  const bool has_key = wanted.has_key, settle = wanted.settle;
  std::copy(std::begin(wanted.key), std::end(wanted.key), fresh->begin());
  wipe(wanted.key, sizeof wanted.key);
  client.wipe_frame();
  if (!co_await client.send(wire::Type::ack, wire::Ack{kRekeyWithinMs})) co_return false;

  const AuditEvent event = audit_event(keeper, client, request, AuditKind::rekey);
  const std::string& source = keeper.config->key_source;
  if (is_file_key(source) && (has_key || settle))
    co_return co_await client.send_failure(Errc::invalid_argument,
                                           "the master key is a file, which faced changes itself");
  const Key* const given = has_key ? &fresh : nullptr;
  const Outcome outcome = is_file_key(source) ? rekey_file(keeper, event)
                          : settle            ? settle_credential(keeper, event, given)
                                              : rekey_credential(keeper, event, given);
  if (!outcome) co_return co_await client.send_failure(outcome.error());
  wire::Rekeyed answer;
  answer.outcome = *outcome;
  if (source.starts_with(kCredential)) answer.credential = as_text(std::string_view(source).substr(kCredential.size()));
  co_return co_await client.send(wire::Type::rekeyed, answer);
}

}  // namespace faceauth
