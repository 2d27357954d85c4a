#include <faced/store/user_records.h>

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>

#include <algorithm>

namespace faceauth {

using format::Blob;
using format::Kind;
using format::Place;
using format::UserHeader;

tl::unexpected<Error> record_damaged(const char* record, std::string_view user) {
  return fail(Errc::corrupt, std::string("the ") + record + " of user " + format::printable(user) +
                                 " is damaged, missing or not his: put the store back from a backup, or remove him "
                                 "and register him again");
}

namespace {

Blob header_data(const Keyring& keyring, std::string_view name, const UserHeader& header, Kind kind) {
  return format::associated_data(keyring.store(),
                                 {.kind = kind, .user = name, .uid = header.uid, .record = format::encode(header)});
}

Blob with_format(const Blob& sealed, std::uint8_t format = format::kRecord) {
  Blob record{format};
  record.insert(record.end(), sealed.begin(), sealed.end());
  return record;
}

}  // namespace

Place UserRecords::place(const Subject& subject, Kind kind) const {
  return {.kind = kind, .user = subject.name, .uid = subject.header.uid};
}

Place UserRecords::at(Place place, View id, std::string_view dlib_model, std::string_view feature_model) {
  place.record = id;
  place.dlib_model = dlib_model;
  place.feature_model = feature_model;
  return place;
}

Blob UserRecords::seal_at(const Subject& subject, const Place& where, View plain) const {
  return seal(subject.key, plain, format::associated_data(keyring_.store(), where));
}

bool UserRecords::open_at(const Subject& subject, const Place& where, View sealed, std::span<std::uint8_t> out) const {
  return open_sealed_into(subject.key, sealed, format::associated_data(keyring_.store(), where), out).has_value();
}

Result<UserHeader> UserRecords::header_of(std::string_view name, View record) const {
  if (!format::is_user_name(name) || record.size() != format::kUserSize) return record_damaged("record", name);
  const auto header = format::decode_header(record.first(format::kHeaderSize));
  if (!header || !mac_matches(keys_.header, header_data(keyring_, name, *header, Kind::user_header),
                              record.subspan(format::kHeaderSize, sizeof(Mac))))
    return record_damaged("record", name);
  return *header;
}

Result<std::optional<UserHeader>> UserRecords::header(std::string_view name) const {
  if (!format::is_user_name(name)) return std::optional<UserHeader>{};
  auto record = txn_.get(tables_.users, as_view(name));
  if (!record) return fail(std::move(record));
  if (!*record) return std::optional<UserHeader>{};
  auto header = header_of(name, **record);
  if (!header) return fail(std::move(header));
  return std::optional(*header);
}

Result<Subject> UserRecords::open(std::string_view name) const {
  auto header = this->header(name);
  if (!header) return fail(std::move(header));
  if (!*header || !keyring_.contains((*header)->key))
    return fail(Errc::not_found, "user " + format::printable(name) + " is not registered");
  auto key = keyring_.unwrap((*header)->key);
  if (!key) return record_damaged("key", name);

  auto record = txn_.get(tables_.users, as_view(name));
  if (!record) return fail(std::move(record));
  format::BodyBytes plain{};
  const bool opened = open_sealed_into(*key, (*record)->last(format::kBodySize + kSealOverhead),
                                       header_data(keyring_, name, **header, Kind::user_body), plain)
                          .has_value();
  const auto body = opened ? format::decode_body(plain) : std::nullopt;
  if (!body) return record_damaged("record", name);
  return Subject{std::string(name), **header, *body, std::move(*key)};
}

Result<std::optional<View>> UserRecords::value(Db db, const Subject& subject) const {
  auto record = txn_.get(db, as_view(subject.name));
  if (!record || !*record) return record;
  if ((*record)->empty() || (*record)->front() != format::kRecord) return std::optional(View{});
  return std::optional((*record)->subspan(1));
}

Result<UserState> UserRecords::state(const Subject& subject) const {
  auto record = txn_.get(tables_.states, as_view(subject.name));
  if (!record) return fail(std::move(record));
  const View whole = *record ? **record : View{};
  const std::uint8_t written = whole.empty() ? 0 : whole.front();
  Place where = place(subject, Kind::state);
  std::optional<UserState> state;
  format::StateBytes plain{};
  format::CountersBytes counters{};
  if (written == format::kStateRecord) {
    where.format = format::kStateRecord;
    if (open_at(subject, where, whole.subspan(1), plain)) state = format::decode_state(plain);
  } else if (written == format::kRecord && open_at(subject, where, whole.subspan(1), counters)) {
    state = format::decode_counters(counters);
  }
  if (!state) return record_damaged("state", subject.name);
  return *state;
}

Result<bool> UserRecords::has_password(const Subject& subject) const {
  auto record = txn_.get(tables_.passwords, as_view(subject.name));
  if (!record) return fail(std::move(record));
  if (record->has_value() != subject.body.has_password) return record_damaged("password", subject.name);
  return subject.body.has_password;
}

Result<std::optional<PasswordHash>> UserRecords::password(const Subject& subject) const {
  auto expected = has_password(subject);
  if (!expected) return fail(std::move(expected));
  if (!*expected) return std::optional<PasswordHash>{};
  auto record = value(tables_.passwords, subject);
  if (!record) return fail(std::move(record));
  PasswordHash hash;
  if (!open_at(subject, place(subject, Kind::password), **record, hash.bytes()))
    return record_damaged("password", subject.name);
  return std::optional(std::move(hash));
}

Result<UserRecords::Found> UserRecords::open_template(const Subject& subject, View key, View record) const {
  const View id = key.subspan(subject.name.size() + 1);
  const auto parts = format::decode_template(record);
  Found found;
  if (!parts || id.size() != found.info.id.size() || parts->detail.size() < kSealOverhead)
    return record_damaged("template", subject.name);
  Blob plain(parts->detail.size() - kSealOverhead);
  const Place where = at(place(subject, Kind::template_detail), id, parts->dlib_model, parts->feature_model);
  const bool opened = open_at(subject, where, parts->detail, plain);
  auto detail = opened ? format::decode_detail(plain) : std::nullopt;
  if (!detail) return record_damaged("template", subject.name);
  std::ranges::copy(id, found.info.id.begin());
  found.sequence = detail->sequence;
  found.info.label = std::move(detail->label);
  found.info.source = std::move(detail->source);
  found.info.dlib_model = parts->dlib_model;
  found.info.feature_model = parts->feature_model;
  found.info.created = detail->created;
  found.encodings = parts->encodings;
  return found;
}

Result<std::vector<UserRecords::Found>> UserRecords::find_templates(const Subject& subject) const {
  auto cursor = txn_.cursor(tables_.templates);
  if (!cursor) return fail(std::move(cursor));
  const std::string prefix = format::template_prefix(subject.name);
  std::vector<Found> all;
  auto more = cursor->seek(as_view(prefix));
  while (more && *more && as_text(cursor->key()).starts_with(prefix)) {
    auto found = open_template(subject, cursor->key(), cursor->value());
    if (!found) return fail(std::move(found));
    all.push_back(std::move(*found));
    more = cursor->next();
  }
  if (!more) return fail(std::move(more));
  if (all.size() != subject.body.templates) return record_damaged("template", subject.name);
  std::ranges::sort(all, {}, &Found::sequence);
  return all;
}

Result<UserSummary> UserRecords::summary(const Subject& subject) const {
  UserSummary summary;
  summary.name = subject.name;
  summary.registration = subject.header.key;
  summary.uid = subject.header.uid;
  summary.created = subject.header.created;
  auto with_password = has_password(subject);
  if (!with_password) return fail(std::move(with_password));
  summary.has_password = *with_password;
  auto its_state = state(subject);
  if (!its_state) return fail(std::move(its_state));
  summary.state = *its_state;
  auto found = find_templates(subject);
  if (!found) return fail(std::move(found));
  for (Found& entry : *found) summary.templates.push_back(std::move(entry.info));
  return summary;
}

Result<std::vector<Template>> UserRecords::templates(const Subject& subject) const {
  auto found = find_templates(subject);
  if (!found) return fail(std::move(found));
  std::vector<Template> all;
  for (Found& entry : *found) {
    Template one;
    const Place where =
        at(place(subject, Kind::encodings), entry.info.id, entry.info.dlib_model, entry.info.feature_model);
    if (!open_at(subject, where, entry.encodings, one.encodings.bytes()))
      return record_damaged("template", subject.name);
    one.info = std::move(entry.info);
    all.push_back(std::move(one));
  }
  return all;
}

Result<void> UserRecords::put(const Subject& subject) {
  const auto clear = format::encode(subject.header);
  const Mac mac = keyed_mac(keys_.header, header_data(keyring_, subject.name, subject.header, Kind::user_header));
  const Blob body = seal(subject.key, format::encode(subject.body),
                         header_data(keyring_, subject.name, subject.header, Kind::user_body));
  Blob record(clear.begin(), clear.end());
  record.insert(record.end(), mac.begin(), mac.end());
  record.insert(record.end(), body.begin(), body.end());
  return txn_.put(tables_.users, as_view(subject.name), record);
}

Result<void> UserRecords::put_state(const Subject& subject, const UserState& state) {
  Place where = place(subject, Kind::state);
  where.format = format::kStateRecord;
  const Blob sealed = seal_at(subject, where, format::encode(state));
  return txn_.put(tables_.states, as_view(subject.name), with_format(sealed, format::kStateRecord));
}

Result<void> UserRecords::put_password(Subject& subject, const PasswordHash& hash) {
  const Blob sealed = seal_at(subject, place(subject, Kind::password), hash.bytes());
  subject.body.has_password = true;
  return txn_.put(tables_.passwords, as_view(subject.name), with_format(sealed));
}

Result<void> UserRecords::put_template(Subject& subject, const Template& entry) {
  const TemplateInfo& info = entry.info;
  const std::string key = format::template_key(subject.name, info.id);
  auto taken = txn_.get(tables_.templates, as_view(key));
  if (!taken) return fail(std::move(taken));
  if (*taken) return fail(Errc::invalid_argument, "two templates of one user cannot have the same id");

  const Blob detail = seal_at(
      subject, at(place(subject, Kind::template_detail), info.id, info.dlib_model, info.feature_model),
      format::encode(format::TemplateDetail{subject.body.next_sequence, info.created, info.label, info.source}));
  const Blob encodings =
      seal_at(subject, at(place(subject, Kind::encodings), info.id, info.dlib_model, info.feature_model),
              entry.encodings.bytes());
  const Blob record = format::encode(format::TemplateRecord{info.dlib_model, info.feature_model, detail, encodings});
  ++subject.body.next_sequence;
  ++subject.body.templates;
  return txn_.put(tables_.templates, as_view(key), record);
}

Result<void> UserRecords::erase_one(Subject& subject, const TemplateId& id) {
  if (auto done = txn_.erase(tables_.templates, as_view(format::template_key(subject.name, id))); !done) return done;
  --subject.body.templates;
  return {};
}

Result<std::size_t> UserRecords::erase_templates(Subject& subject, std::string_view label) {
  auto found = find_templates(subject);
  if (!found) return fail(std::move(found));
  const auto goes = [label](const Found& entry) { return entry.info.label == label; };
  const bool core_changes =
      std::ranges::any_of(*found, [&](const Found& entry) { return goes(entry) && !is_adapted(entry.info); });
  std::size_t erased = 0;
  for (const Found& entry : *found) {
    if (!goes(entry) && !(core_changes && is_adapted(entry.info))) continue;
    if (auto done = erase_one(subject, entry.info.id); !done) return fail(std::move(done));
    if (goes(entry)) ++erased;
  }
  return erased;
}

Result<void> UserRecords::erase_adapted(Subject& subject, std::size_t keep) {
  auto found = find_templates(subject);
  if (!found) return fail(std::move(found));
  auto present =
      static_cast<std::size_t>(std::ranges::count_if(*found, [](const Found& e) { return is_adapted(e.info); }));
  for (const Found& entry : *found) {
    if (present <= keep) break;
    if (!is_adapted(entry.info)) continue;
    if (auto done = erase_one(subject, entry.info.id); !done) return done;
    --present;
  }
  return {};
}

Result<void> UserRecords::erase_incomplete(Subject& subject, std::span<const TemplateId> ids) {
  if (ids.empty()) return {};
  auto found = find_templates(subject);
  if (!found) return fail(std::move(found));
  for (const Found& entry : *found) {
    if (!is_incomplete(entry.info) || std::ranges::find(ids, entry.info.id) == ids.end()) continue;
    if (auto done = erase_one(subject, entry.info.id); !done) return done;
  }
  return {};
}

Result<void> UserRecords::erase_all(std::string_view name) {
  for (const Db db : {tables_.users, tables_.states, tables_.passwords})
    if (auto done = txn_.erase(db, as_view(name)); !done) return done;
  auto cursor = txn_.cursor(tables_.templates);
  if (!cursor) return fail(std::move(cursor));
  const std::string prefix = format::template_prefix(name);
  auto more = cursor->seek(as_view(prefix));
  while (more && *more && as_text(cursor->key()).starts_with(prefix)) {
    if (auto done = cursor->erase(); !done) return done;
    more = cursor->next();
  }
  if (!more) return fail(std::move(more));
  return {};
}

}  // namespace faceauth
