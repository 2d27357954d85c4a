#include <faced/store/store_keys.h>

#include <faced/crypto/aead.h>
#include <faced/store/record_format.h>

namespace faceauth {

namespace {

Key derived(const Key& from, format::Purpose purpose) {
  return derive_key(from, static_cast<std::uint64_t>(purpose), format::kContext);
}

}  // namespace

StoreKeys::StoreKeys(const Key& store_key)
    : check(derived(store_key, format::Purpose::check)),
      header(derived(store_key, format::Purpose::header)),
      ledger(derived(store_key, format::Purpose::ledger)),
      ledger_mac(derived(store_key, format::Purpose::ledger_mac)) {}

}  // namespace faceauth
