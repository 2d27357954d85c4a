// The audit log: numbered entries, each sealed and holding a keyed hash (the link) of the one before it.
//
// The head, in meta, says which numbers there are and what the last link is, under a MAC; so an entry that was cut off,
// changed, swapped or put back from another history is noticed. When old entries are dropped for room, the head keeps
// the link in front of the first that stayed. An older copy of entries and head together is noticed when it ends before
// the number the keyring remembers.
#pragma once

#include <faced/crypto/mac.h>
#include <faced/store/audit.h>
#include <faced/store/lmdb_env.h>
#include <faced/store/record_format.h>
#include <faced/store/store_keys.h>

#include <faceauth/result.h>

#include <cstdint>
#include <optional>

namespace faceauth {

struct LedgerHead {
  std::uint64_t first = 1, next = 1;  // the entries are [first, next)
  Mac base{}, last{};                 // the links in front of the first and of the last entry
  std::uint64_t breaks = 0;           // how often the chain was found broken and begun anew
  std::uint64_t broken_at = 0;        // the entry that began it anew
};

// Within one transaction; borrows everything it is made with.
class Ledger {
 public:
  Ledger(Txn& txn, Db meta, Db entries, const StoreKeys& keys, const format::StoreId& store)
      : txn_(txn), meta_(meta), entries_(entries), keys_(keys), store_(store) {}

  // Writes the head of an empty one.
  [[nodiscard]] Result<void> begin();
  // Errors: corrupt when the head is missing or was changed.
  [[nodiscard]] Result<LedgerHead> head() const;

  // The number the next entry gets afterwards. Drops the oldest beyond `keep`.
  [[nodiscard]] Result<std::uint64_t> append(const AuditEvent& event, std::uint64_t keep);

  // A look at both ends: head, last entry, and that it ends no earlier than `floor`. Errors: those of reading only.
  [[nodiscard]] Result<bool> ends_fit(std::uint64_t floor) const;
  // Goes on behind what is there, with an entry that says so; the break is remembered for ever.
  [[nodiscard]] Result<void> begin_anew(std::uint64_t floor, UnixTime now, std::uint64_t keep);

  [[nodiscard]] Result<AuditPage> page(std::uint64_t from, std::size_t count) const;
  [[nodiscard]] Result<void> check(AuditCheck& progress, std::size_t count) const;

 private:
  [[nodiscard]] Result<void> put_head(const LedgerHead& head);
  [[nodiscard]] Result<void> add(LedgerHead& head, const AuditEvent& event, std::uint64_t keep);
  [[nodiscard]] Mac link_of(std::uint64_t number, View record) const;
  [[nodiscard]] format::Blob place(std::uint64_t number, View before) const;
  [[nodiscard]] std::optional<AuditEvent> open(std::uint64_t number, View record) const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> last_number() const;

  Txn& txn_;
  Db meta_, entries_;
  const StoreKeys& keys_;
  const format::StoreId& store_;
};

}  // namespace faceauth
