#include <faced/store/store.h>

#include <faced/crypto/aead.h>
#include <faced/store/migration.h>
#include <faced/store/store_impl.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace faceauth {

namespace {

// Read in one transaction. No more than a caller takes at a time: the rest of the page he stops in is read in vain.
constexpr std::size_t kUsersPerPage = 16;

bool is_text(std::string_view text, std::size_t max) {
  return text.size() <= max && text.find('\0') == std::string_view::npos;
}

Result<void> check_template(const Template& entry) {
  if (!is_text(entry.info.label, limits::kLabelMax))
    return fail(Errc::invalid_argument, "a label has at most 64 bytes, none of them NUL");
  if (!is_text(entry.info.source, format::kSourceMax) || !is_text(entry.info.dlib_model, format::kModelMax) ||
      !is_text(entry.info.feature_model, format::kModelMax) || entry.encodings.empty())
    return fail(Errc::invalid_argument, "a template is incomplete or names its source or models at too great length");
  return {};
}

Result<void> check_request(const std::string& user, const std::vector<Template>& templates) {
  if (!format::is_user_name(user))
    return fail(Errc::invalid_argument, "a user name has 1 to 255 bytes, none of them NUL or '/'");
  for (const Template& entry : templates)
    if (auto checked = check_template(entry); !checked) return checked;
  return {};
}

Result<void> check_count(const std::string& user, std::size_t templates) {
  if (templates <= limits::kTemplatesPerUser) return {};
  return fail(Errc::invalid_argument, "user " + format::printable(user) + " would have more than " +
                                          std::to_string(limits::kTemplatesPerUser) + " templates: remove some first");
}

}  // namespace

Result<void> Store::Impl::enroll(const std::string& user, std::uint32_t uid, std::vector<Template>& templates,
                                 const PasswordHash* password, const UserState& state, UnixTime now,
                                 const AuditEvent* event, std::span<const TemplateId> completed) {
  if (auto checked = check_request(user, templates); !checked) return checked;
  for (Template& entry : templates)
    if (entry.info.id == TemplateId{}) random_bytes(entry.info.id);

  const auto fill = [&](UserRecords& all, Subject& subject) -> Result<void> {
    if (subject.header.uid != uid)
      return fail(Errc::invalid_argument, "user " + format::printable(user) + " is registered with uid " +
                                              std::to_string(subject.header.uid) + ", not " + std::to_string(uid) +
                                              ": remove the old registration first");
    // What waits to be completed changes nothing that the adapted ones were bounded by.
    if (!std::ranges::all_of(templates, [](const Template& entry) { return is_incomplete(entry.info); }))
      if (auto done = all.erase_adapted(subject, 0); !done) return done;
    if (auto done = all.erase_incomplete(subject, completed); !done) return done;
    if (auto done = check_count(user, subject.body.templates + templates.size()); !done) return done;
    for (const Template& entry : templates)
      if (auto done = all.put_template(subject, entry); !done) return done;
    if (password != nullptr)
      if (auto done = all.put_password(subject, *password); !done) return done;
    if (auto done = all.put_state(subject, state); !done) return done;
    return all.put(subject);
  };

  auto written = write_user(user, event, fill);
  if (written || written.error().code != Errc::not_found) return written;
  if (auto checked = check_count(user, templates.size()); !checked) return checked;
  return register_user(user, uid, fill, now, event);
}

// The key is stored before the records, so that no record is ever there without its key.
Result<void> Store::Impl::register_user(const std::string& user, std::uint32_t uid,
                                        const std::function<Result<void>(UserRecords&, Subject&)>& fill, UnixTime now,
                                        const AuditEvent* event) {
  if (keyring_.size() >= limits::kUsersMax)
    return fail(Errc::invalid_argument, "the store has " + std::to_string(limits::kUsersMax) + " users, its maximum");
  const auto ids = keyring_.add(1);
  if (!ids) return tl::unexpected<Error>(ids.error());
  const format::KeyId& id = ids->front();

  auto written = write([&](Txn& txn) -> Result<void> {
    UserRecords all = records(txn);
    if (auto done = all.erase_all(user); !done) return done;
    auto key = keyring_.unwrap(id);
    if (!key) return fail(std::move(key));
    Subject subject{user, {.uid = uid, .created = now, .key = id}, {}, std::move(*key)};
    if (auto done = fill(all, subject); !done) return done;
    if (auto done = append(txn, event); !done) return done;
    return put_check(txn);
  });
  // Should this fail too, the key without records goes at the next start.
  if (!written) static_cast<void>(keyring_.remove_if([&](const format::KeyId& k) { return k == id; }));
  return written;
}

Result<void> Store::Impl::remove_user(std::string_view name, const AuditEvent* event) {
  bool readable = true;
  std::optional<format::UserHeader> header;
  {
    auto txn = env_.read();
    if (!txn) return fail(std::move(txn));
    auto found = records(*txn).header(name);
    readable = found.has_value();
    if (!found && found.error().code != Errc::corrupt) return fail(std::move(found));
    if (found) header = *found;
  }
  if (readable && !header) return fail(Errc::not_found, "user " + format::printable(name) + " is not registered");
  if (header)
    if (auto erased = keyring_.remove_if([&](const format::KeyId& id) { return id == header->key; }); !erased)
      return erased;
  auto written = write([&](Txn& txn) -> Result<void> {
    if (auto done = records(txn).erase_all(name); !done) return done;
    if (auto done = append(txn, event); !done) return done;
    return put_check(txn);
  });
  if (!written)
    return fail(Errc{written.error().code}, "user " + format::printable(name) +
                                                " can never log in again, his key is destroyed; but his unreadable "
                                                "records stay until the next start: " +
                                                written.error().message);
  // Without a readable record nobody knows which key was his: the one that no record uses any more.
  return readable ? Result<void>{} : mend(false);
}

// A corrupt record ends the page, after the users before it.
Result<Store::Impl::Page> Store::Impl::read_page(std::string_view after) const {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  const UserRecords all = records(*txn);
  auto cursor = txn->cursor(tables_.users);
  if (!cursor) return fail(std::move(cursor));
  Page page;
  auto more = cursor->seek(as_view(after));
  if (more && *more && !after.empty() && as_text(cursor->key()) == after) more = cursor->next();
  for (std::size_t n = 0; more && *more && n < kUsersPerPage; ++n, more = cursor->next()) {
    page.last = as_text(cursor->key());
    auto header = all.header_of(page.last, cursor->value());
    if (header && !keyring_.contains(header->key)) continue;
    Result<Subject> subject = header ? all.open(page.last) : fail(std::move(header));
    Result<UserSummary> summary = subject ? all.summary(*subject) : fail(std::move(subject));
    if (!summary) {
      page.end = fail(std::move(summary));
      return page;
    }
    page.users.push_back(std::move(*summary));
  }
  if (!more) return fail(std::move(more));
  page.more = *more;
  return page;
}

Result<void> Store::Impl::for_each_user(std::string_view after,
                                        const std::function<bool(const UserSummary&)>& visit) const {
  std::string from(after.substr(0, limits::kUserNameMax));
  while (true) {
    auto page = read_page(from);
    if (!page) return fail(std::move(page));
    for (const UserSummary& user : page->users)
      if (!visit(user)) return {};
    if (!page->end || !page->more) return page->end;
    from = page->last;
  }
}

Result<StoreFigures> Store::Impl::figures() const {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  auto users = txn->count(tables_.users);
  if (!users) return fail(std::move(users));
  auto templates = txn->count(tables_.templates);
  if (!templates) return fail(std::move(templates));
  StoreFigures figures{.users = *users, .templates = *templates};
  for (const char* name : {format::kDataFile, format::kKeyringFile}) {
    struct stat status {};
    if (::fstatat(directory_.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0)
      figures.bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  return figures;
}

Store::Store(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& directory, const Key& master) {
  return open(directory, master, StoreOptions{});
}

Result<Store> Store::open(const std::string& directory, const Key& master, const StoreOptions& options) {
  auto impl = Impl::open(directory, master, options);
  if (!impl) return fail(std::move(impl));
  return Store(std::move(*impl));
}

Result<void> Store::enroll(const std::string& user, std::uint32_t uid, std::vector<Template> templates,
                           const PasswordHash* password, const UserState& state, UnixTime now, const AuditEvent* event,
                           std::span<const TemplateId> completed) {
  auto done = impl_->enroll(user, uid, templates, password, state, now, event, completed);
  impl_->enrolment_changed(user);
  return done;
}

Result<void> Store::adapt(std::string_view name, const Template& entry, std::size_t keep, const AuditEvent* event) {
  const std::string user(name);
  if (!is_adapted(entry.info)) return fail(Errc::invalid_argument, "only an adapted template joins by itself");
  if (auto checked = check_template(entry); !checked) return checked;
  return impl_->write_user(name, event, [&](UserRecords& all, Subject& subject) -> Result<void> {
    if (auto done = all.erase_adapted(subject, std::max<std::size_t>(keep, 1) - 1); !done) return done;
    if (auto done = check_count(user, subject.body.templates + 1U); !done) return done;
    if (auto done = all.put_template(subject, entry); !done) return done;
    return all.put(subject);
  });
}

Result<UserSummary> Store::user(std::string_view name) const {
  return impl_->read_user(name, [](const UserRecords& all, const Subject& s) { return all.summary(s); });
}

Result<std::vector<Template>> Store::templates(std::string_view name) const {
  return impl_->read_user(name, [](const UserRecords& all, const Subject& s) { return all.templates(s); });
}

Result<std::optional<PasswordHash>> Store::password(std::string_view name) const {
  return impl_->read_user(name, [](const UserRecords& all, const Subject& s) { return all.password(s); });
}

Result<void> Store::set_state(std::string_view name, const UserState& state, const AuditEvent* event) {
  return impl_->write_user(name, event, [&](UserRecords& all, const Subject& s) { return all.put_state(s, state); });
}

Result<void> Store::set_password(std::string_view name, const PasswordHash& hash, const AuditEvent* event,
                                 const UserState* state) {
  return impl_->write_user(name, event, [&](UserRecords& all, Subject& subject) -> Result<void> {
    const bool had_one = subject.body.has_password;
    if (state != nullptr)
      if (auto done = all.put_state(subject, *state); !done) return done;
    if (auto done = all.put_password(subject, hash); !done) return done;
    return had_one ? Result<void>{} : all.put(subject);
  });
}

Result<void> Store::remove_user(std::string_view name, const AuditEvent* event) {
  auto done = impl_->remove_user(name, event);
  impl_->enrolment_changed(name);
  return done;
}

Result<std::size_t> Store::remove_templates(std::string_view name, std::string_view label, const AuditEvent* event,
                                            const UserState* state) {
  std::size_t removed = 0;
  auto written = impl_->write_user(name, event, [&](UserRecords& all, Subject& subject) -> Result<void> {
    auto erased = all.erase_templates(subject, label);
    if (!erased) return fail(std::move(erased));
    if (*erased == 0)
      return fail(Errc::not_found, "user " + format::printable(name) + " has no template with the label \"" +
                                       format::printable(label) + "\"");
    removed = *erased;
    if (state != nullptr)
      if (auto done = all.put_state(subject, *state); !done) return done;
    return all.put(subject);
  });
  impl_->enrolment_changed(name);
  if (!written) return fail(std::move(written));
  return removed;
}

Result<void> Store::for_each_user(std::string_view after, const std::function<bool(const UserSummary&)>& visit) const {
  return impl_->for_each_user(after, visit);
}

void Store::on_enrolment(std::function<void(std::string_view)> tell) { impl_->on_enrolment(std::move(tell)); }

Result<StoreFigures> Store::figures() const { return impl_->figures(); }

}  // namespace faceauth
