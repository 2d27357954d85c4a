// A backup's users come in with one transaction: all of them, or the store stays as it was.
#include <faced/store/store.h>
#include <faced/store/store_impl.h>

#include <faceauth/limits.h>

#include <algorithm>

namespace faceauth {

namespace {

constexpr std::uint64_t kRoomPerUser = 6 * 1024;  // of a user with one template; more is found to be wanting on the way

}  // namespace

Result<void> Store::Impl::put_restored(UserRecords& all, BackupUser& user, const format::KeyId& id) {
  auto key = keyring_.unwrap(id);
  if (!key) return fail(std::move(key));
  Subject subject{user.name, {.uid = user.uid, .created = user.created, .key = id}, {}, std::move(*key)};
  if (auto done = all.erase_all(user.name); !done) return done;
  for (const Template& entry : user.templates)
    if (auto done = all.put_template(subject, entry); !done) return done;
  if (user.password)
    if (auto done = all.put_password(subject, *user.password); !done) return done;
  if (auto done = all.put_state(subject, user.state); !done) return done;
  return all.put(subject);
}

// Uses the first of the keys, one for each user restored.
Result<Restored> Store::Impl::put_all(Txn& txn, RestoreSource& source, std::span<const format::KeyId> ids,
                                      RestoreMode mode) {
  Restored restored;
  UserRecords all = records(txn);
  if (mode == RestoreMode::replace)
    for (const Db db : {tables_.users, tables_.states, tables_.passwords, tables_.templates})
      if (auto done = txn.clear(db); !done) return fail(std::move(done));
  if (auto done = source.rewind(); !done) return fail(std::move(done));
  for (;;) {
    auto user = source.next();
    if (!user) return fail(std::move(user));
    if (!*user) return restored;
    auto present = all.header((*user)->name);
    if (!present) return fail(std::move(present));
    if (*present && keyring_.contains((*present)->key)) {
      ++restored.kept;
      continue;
    }
    if (restored.users >= ids.size()) return fail(Errc::corrupt, "the backup has more users than it had at first");
    if (auto done = put_restored(all, **user, ids[restored.users]); !done) return fail(std::move(done));
    ++restored.users;
    restored.templates += (*user)->templates.size();
  }
}

Result<Restored> Store::Impl::restore(RestoreSource& source, std::uint64_t users, RestoreMode mode,
                                      const AuditEvent* event) {
  const auto present = figures();
  if (!present) return tl::unexpected<Error>(present.error());
  if (mode == RestoreMode::into_empty && present->users > 0)
    return fail(Errc::invalid_argument,
                "there are users registered here: keep them with --merge, or give them up "
                "with --replace");
  if (users + (mode == RestoreMode::replace ? 0 : present->users) > limits::kUsersMax)
    return fail(Errc::invalid_argument, "the store would have more users than its maximum");

  if (auto made = env_.make_room(users * kRoomPerUser); !made) return fail(std::move(made));
  // The keys first, as for a registration: no record is ever there without its key.
  auto ids = keyring_.add(users);
  if (!ids) return tl::unexpected<Error>(ids.error());
  Restored restored;
  auto written = write([&](Txn& txn) -> Result<void> {
    auto put = put_all(txn, source, *ids, mode);
    if (!put) return fail(std::move(put));
    restored = *put;
    if (auto done = append(txn, event); !done) return done;
    return put_check(txn);
  });
  const auto first_unused = ids->begin() + static_cast<std::ptrdiff_t>(written ? restored.users : 0);
  std::sort(ids->begin(), first_unused);
  std::sort(first_unused, ids->end());
  const auto is_used = [&](const format::KeyId& id) { return std::binary_search(ids->begin(), first_unused, id); };
  const auto is_unused = [&](const format::KeyId& id) { return std::binary_search(first_unused, ids->end(), id); };
  // Should this fail, the keys that nothing uses go at the next start.
  static_cast<void>(keyring_.remove_if(
      [&](const format::KeyId& id) { return written && mode == RestoreMode::replace ? !is_used(id) : is_unused(id); }));
  if (!written) return fail(std::move(written));
  return restored;
}

Result<Restored> Store::restore(RestoreSource& source, std::uint64_t users, RestoreMode mode, const AuditEvent* event) {
  auto done = impl_->restore(source, users, mode, event);
  impl_->enrolment_changed({});
  return done;
}

}  // namespace faceauth
