#include <faced/store/keyring.h>

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace faceauth {

using format::Blob;
using format::KeyId;
using format::Kind;
using format::StoreId;
using format::View;

namespace {

constexpr std::size_t kFileMax = format::kKeyringHeader + (limits::kUsersMax + 1) * format::kKeyringEntry + sizeof(Mac);

tl::unexpected<Error> system_failure(const std::string& path, const char* step) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? Errc::no_space : Errc::io, path + ": " + step + ": " + std::strerror(error) +
                                                    (full ? "; nothing was stored: make room and try again" : ""));
}

tl::unexpected<Error> damaged(const std::string& path, const char* how) {
  return fail(Errc::corrupt, path + " " + how + "; put data.mdb and keyring back from one backup");
}

Result<Blob> read_file(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_failure(path, "reading");
  if (!S_ISREG(status.st_mode)) return damaged(path, "is no regular file");
  if (static_cast<std::uint64_t>(status.st_size) > kFileMax) return damaged(path, "is longer than a keyring can be");
  Blob content(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = ::pread(fd, content.data() + have, content.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(path, "reading");
    if (got == 0) return damaged(path, "became shorter while it was read");
    have += static_cast<std::size_t>(got);
  }
  return content;
}

bool write_all(int fd, View data) {
  while (!data.empty()) {
    const ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    data = data.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

// The check says whether the master key is the right one before anything else is judged.
Blob check_data(const StoreId& store) { return format::associated_data(store, {.kind = Kind::keyring_check}); }

Blob entry_data(const StoreId& store, const KeyId& id, const Keyring::Owner& owner) {
  return format::associated_data(store,
                                 {.kind = Kind::keyring_entry, .user = owner.user, .uid = owner.uid, .record = id});
}

}  // namespace

StoreKeys::StoreKeys(const Key& master) {
  const auto derive = [&master](format::Purpose purpose) {
    return derive_key(master, static_cast<std::uint64_t>(purpose), format::kContext);
  };
  check = derive(format::Purpose::check);
  wrap = derive(format::Purpose::wrap);
  keyring_mac = derive(format::Purpose::keyring_mac);
  header = derive(format::Purpose::header);
}

Result<std::optional<Keyring::File>> Keyring::read(int directory, const std::string& path, const StoreKeys& keys) {
  const Fd fd(::openat(directory, format::kKeyringFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid() && errno == ENOENT) return std::optional<File>{};
  if (!fd.valid()) return system_failure(path, "opening");
  auto content = read_file(fd.get(), path);
  if (!content) return fail(std::move(content));

  File file{.content = std::move(*content)};
  Reader r(file.content.data(), file.content.size());
  std::array<std::uint8_t, format::kKeyringMagic.size()> magic{};
  r.raw(magic.data(), magic.size());
  const std::uint16_t version = r.u16();
  if (!r.good() || magic != format::kKeyringMagic) return damaged(path, "is no keyring");
  if (version > format::kKeyringVersion)
    return fail(Errc::newer_schema, path + " was written by a later version of faceauth: use that one");
  if (version != format::kKeyringVersion) return damaged(path, "names a version that never was");
  file.generation = r.u64();
  r.raw(file.store.data(), file.store.size());
  std::array<std::uint8_t, kSealOverhead> check{};
  r.raw(check.data(), check.size());
  const std::uint64_t count = r.u32();
  if (!r.good() || file.content.size() != format::kKeyringHeader + count * format::kKeyringEntry + sizeof(Mac))
    return damaged(path, "was cut short or added to");
  file.key_fits = open_sealed_into(keys.check, check, check_data(file.store), {}).has_value();
  return std::optional(std::move(file));
}

Result<Keyring> Keyring::load(int directory, const std::string& path, const StoreKeys& keys, const File& file) {
  const View all(file.content);
  if (!mac_matches(keys.keyring_mac, all.first(all.size() - sizeof(Mac)), all.last(sizeof(Mac))))
    return damaged(path, "was altered");
  Keyring keyring(directory, path);
  keyring.store_ = file.store;
  keyring.generation_ = file.generation;
  const std::size_t count = (all.size() - format::kKeyringHeader - sizeof(Mac)) / format::kKeyringEntry;
  keyring.entries_.reserve(count);
  Reader r(all.data() + format::kKeyringHeader, count * format::kKeyringEntry);
  for (std::size_t i = 0; i < count; ++i) {
    KeyId id{};
    r.raw(id.data(), id.size());
    format::WrappedKey& wrapped = keyring.entries_[id];
    r.raw(wrapped.data(), wrapped.size());
  }
  return keyring;
}

Result<Keyring> Keyring::create(int directory, const std::string& path, const StoreKeys& keys) {
  Keyring keyring(directory, path);
  random_bytes(keyring.store_);
  if (auto saved = keyring.save(keys); !saved) return fail(std::move(saved));
  return keyring;
}

Result<Key> Keyring::unwrap(const StoreKeys& keys, const KeyId& id, const Owner& owner) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return fail(Errc::not_found, path_ + " holds no such key");
  Key key;
  if (auto opened = open_sealed_into(keys.wrap, found->second, entry_data(store_, id, owner), key.bytes()); !opened)
    return fail(std::move(opened));
  return key;
}

Result<KeyId> Keyring::add(const StoreKeys& keys, const Owner& owner) {
  KeyId id{};
  random_bytes(id);
  const Key key = random_key();
  const Blob sealed = seal(keys.wrap, key.bytes(), entry_data(store_, id, owner));
  std::ranges::copy(sealed, entries_[id].begin());
  if (auto saved = save(keys); !saved) {
    entries_.erase(id);
    return fail(std::move(saved));
  }
  return id;
}

Result<void> Keyring::remove_if(const StoreKeys& keys, const std::function<bool(const KeyId&)>& doomed) {
  Entries taken;
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto here = at++;
    if (doomed(here->first)) taken.insert(entries_.extract(here));
  }
  if (taken.empty()) return {};
  auto saved = save(keys);
  if (!saved) entries_.merge(taken);
  return saved;
}

Blob Keyring::content(const StoreKeys& keys, std::uint64_t generation) const {
  Blob out(format::kKeyringHeader + entries_.size() * format::kKeyringEntry + sizeof(Mac));
  Writer w(out.data(), out.size());
  w.raw(format::kKeyringMagic.data(), format::kKeyringMagic.size());
  w.u16(format::kKeyringVersion);
  w.u64(generation);
  w.raw(store_.data(), store_.size());
  const Blob check = seal(keys.check, {}, check_data(store_));
  w.raw(check.data(), check.size());
  w.u32(static_cast<std::uint32_t>(entries_.size()));
  for (const auto& [id, wrapped] : entries_) {
    w.raw(id.data(), id.size());
    w.raw(wrapped.data(), wrapped.size());
  }
  const Mac mac = keyed_mac(keys.keyring_mac, View(out.data(), w.size()));
  w.raw(mac.data(), mac.size());
  return out;
}

Result<void> Keyring::save(const StoreKeys& keys) {
  const std::uint64_t next = generation_ + 1;
  const Blob out = content(keys, next);
  Fd draft(::openat(directory_, format::kKeyringDraft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!draft.valid()) return system_failure(path_, "writing");
  if (!write_all(draft.get(), out) || ::fsync(draft.get()) != 0 ||
      ::renameat(directory_, format::kKeyringDraft, directory_, format::kKeyringFile) != 0) {
    auto failure = system_failure(path_, "writing");
    ::unlinkat(directory_, format::kKeyringDraft, 0);
    return failure;
  }
  generation_ = next;
  if (::fsync(directory_) != 0) return system_failure(path_, "writing");
  return {};
}

}  // namespace faceauth
