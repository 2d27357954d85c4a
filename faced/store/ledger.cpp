#include <faced/store/ledger.h>

#include <faced/crypto/aead.h>
#include <faced/store/ledger_format.h>

#include <algorithm>

namespace faceauth {

using format::Blob;
using format::Kind;

namespace {

tl::unexpected<Error> head_damaged() {
  return fail(Errc::corrupt,
              "the head of the audit ledger is damaged or missing: restart faced, and see "
              "enroll-tool log --verify");
}

Blob head_data(const format::StoreId& store, View head) {
  Blob data = format::associated_data(store, {.kind = Kind::ledger_head});
  data.insert(data.end(), head.begin(), head.end());
  return data;
}

}  // namespace

Result<void> Ledger::put_head(const LedgerHead& head) {
  const auto clear = format::encode(head);
  const Mac mac = keyed_mac(keys_.ledger_mac, head_data(store_, clear));
  Blob record(clear.begin(), clear.end());
  record.insert(record.end(), mac.begin(), mac.end());
  return txn_.put(meta_, as_view(format::kMetaLedger), record);
}

Result<void> Ledger::begin() { return put_head({}); }

Result<LedgerHead> Ledger::head() const {
  auto record = txn_.get(meta_, as_view(format::kMetaLedger));
  if (!record) return fail(std::move(record));
  if (!*record || (*record)->size() != format::kLedgerHead + sizeof(Mac)) return head_damaged();
  const View clear = (*record)->first(format::kLedgerHead);
  const auto head = format::decode_head(clear);
  if (!head || !mac_matches(keys_.ledger_mac, head_data(store_, clear), (*record)->last(sizeof(Mac))))
    return head_damaged();
  return *head;
}

Blob Ledger::place(std::uint64_t number, View before) const {
  Blob record = {};
  const auto key = format::ledger_key(number);
  record.insert(record.end(), key.begin(), key.end());
  record.insert(record.end(), before.begin(), before.end());
  return format::associated_data(store_, {.kind = Kind::ledger_entry, .record = record});
}

Mac Ledger::link_of(std::uint64_t number, View record) const {
  Blob data = place(number, {});
  data.insert(data.end(), record.begin(), record.end());
  return keyed_mac(keys_.ledger_mac, data);
}

std::optional<AuditEvent> Ledger::open(std::uint64_t number, View record) const {
  if (record.size() < format::kLedgerFront + kSealOverhead || record.front() != format::kRecord) return std::nullopt;
  const View sealed = record.subspan(format::kLedgerFront);
  Blob plain(sealed.size() - kSealOverhead);
  const Blob associated = place(number, record.subspan(1, sizeof(Mac)));
  if (!open_sealed_into(keys_.ledger, sealed, associated, plain)) return std::nullopt;
  return format::decode_audit(plain);
}

Result<void> Ledger::add(LedgerHead& head, const AuditEvent& event, std::uint64_t keep) {
  const std::uint64_t number = head.next;
  const Blob sealed = seal(keys_.ledger, format::encode(event), place(number, head.last));
  Blob record{format::kRecord};
  record.insert(record.end(), head.last.begin(), head.last.end());
  record.insert(record.end(), sealed.begin(), sealed.end());
  if (auto done = txn_.put(entries_, format::ledger_key(number), record); !done) return done;
  head.last = link_of(number, record);
  ++head.next;

  // Two at most: a smaller bound than before is reached in time, and no single login pays for it.
  for (int dropped = 0; dropped < 2 && head.next - head.first > keep; ++dropped, ++head.first) {
    const auto key = format::ledger_key(head.first);
    auto oldest = txn_.get(entries_, key);
    if (!oldest) return fail(std::move(oldest));
    if (*oldest) head.base = link_of(head.first, **oldest);
    if (auto done = txn_.erase(entries_, key); !done) return done;
  }
  return put_head(head);
}

Result<std::uint64_t> Ledger::append(const AuditEvent& event, std::uint64_t keep) {
  auto head = this->head();
  if (!head) return fail(std::move(head));
  if (auto done = add(*head, event, keep); !done) return fail(std::move(done));
  return head->next;
}

Result<std::optional<std::uint64_t>> Ledger::last_number() const {
  auto cursor = txn_.cursor(entries_);
  if (!cursor) return fail(std::move(cursor));
  auto found = cursor->last();
  if (!found) return fail(std::move(found));
  if (!*found) return std::optional<std::uint64_t>{};
  return format::ledger_number(cursor->key());
}

Result<bool> Ledger::ends_fit(std::uint64_t floor) const {
  const auto head = this->head();
  if (!head) return head.error().code == Errc::corrupt ? Result<bool>(false) : tl::unexpected<Error>(head.error());
  if (head->next < floor) return false;
  const auto last = last_number();
  if (!last) return tl::unexpected<Error>(last.error());
  if (head->first == head->next) return !last->has_value();
  if (*last != head->next - 1) return false;
  auto record = txn_.get(entries_, format::ledger_key(head->next - 1));
  if (!record) return fail(std::move(record));
  return *record && equal_constant_time(link_of(head->next - 1, **record), head->last);
}

Result<void> Ledger::begin_anew(std::uint64_t floor, UnixTime now, std::uint64_t keep) {
  const auto old = head();
  const auto last = last_number();
  if (!last) return tl::unexpected<Error>(last.error());
  LedgerHead fresh = old ? *old : LedgerHead{};
  // What somebody wrote at an absurd number must not use up the numbers.
  constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 62;
  const std::uint64_t behind_last = last->value_or(0) < kNumberMax ? last->value_or(0) + 1 : 0;
  fresh.next = std::max({fresh.next, floor, behind_last});
  fresh.last = {};
  ++fresh.breaks;
  fresh.broken_at = fresh.next;
  AuditEvent event;
  event.kind = AuditKind::broken;
  event.outcome = Errc::corrupt;
  event.time = now;
  return add(fresh, event, keep);
}

Result<AuditPage> Ledger::page(std::uint64_t from, std::size_t count) const {
  auto cursor = txn_.cursor(entries_);
  if (!cursor) return fail(std::move(cursor));
  AuditPage page;
  auto more = cursor->seek(format::ledger_key(from));
  for (; more && *more && page.entries.size() < count; more = cursor->next()) {
    AuditEntry entry;
    entry.number = format::ledger_number(cursor->key()).value_or(0);
    auto event = open(entry.number, cursor->value());
    entry.readable = event.has_value();
    if (event) entry.event = std::move(*event);
    page.next = std::max(page.next, entry.number + 1);
    page.entries.push_back(std::move(entry));
  }
  if (!more) return fail(std::move(more));
  page.more = *more && page.next > from;  // keys that are no numbers must not send the reader in a circle
  return page;
}

Result<void> Ledger::check(AuditCheck& progress, std::size_t count) const {
  const auto broken = [&](std::uint64_t number) {
    progress.finished = true;
    progress.intact = false;
    progress.broken_at = number;
    return Result<void>{};
  };
  const auto head = this->head();
  if (!head && head.error().code == Errc::corrupt) return broken(progress.next);
  if (!head) return tl::unexpected<Error>(head.error());
  // At the beginning, and when entries were dropped for room while we walked.
  if (progress.next < head->first) {
    progress.next = progress.first = head->first;
    progress.link = head->base;
  }
  auto cursor = txn_.cursor(entries_);
  if (!cursor) return fail(std::move(cursor));
  if (progress.checked == 0) {
    auto oldest = cursor->seek({});
    if (!oldest) return fail(std::move(oldest));
    if (*oldest && format::ledger_number(cursor->key()) != head->first)
      return broken(std::min(head->first, format::ledger_number(cursor->key()).value_or(0)));
  }
  auto more = cursor->seek(format::ledger_key(progress.next));
  for (std::size_t n = 0; n < count && more && *more; ++n, more = cursor->next()) {
    if (progress.next == head->broken_at) progress.link = {};
    const View record = cursor->value();
    const bool follows = format::ledger_number(cursor->key()) == progress.next && progress.next < head->next &&
                         open(progress.next, record) &&
                         equal_constant_time(record.subspan(1, sizeof(Mac)), progress.link);
    if (!follows) return broken(progress.next);
    progress.link = link_of(progress.next, record);
    ++progress.next;
    ++progress.checked;
  }
  if (!more) return fail(std::move(more));
  if (*more) return {};
  if (progress.next != head->next || !equal_constant_time(progress.link, head->last)) return broken(progress.next);
  progress.finished = true;
  progress.intact = head->breaks == 0;
  progress.broken_at = head->broken_at;
  return {};
}

}  // namespace faceauth
