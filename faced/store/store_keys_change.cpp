// The master key of an open store changes in the keyring alone (docs/decisions/0023).
#include <faced/store/store.h>
#include <faced/store/store_impl.h>

namespace faceauth {

Result<void> Store::Impl::add_master_key(const Key& master) { return keyring_.add_slot(master); }

Result<void> Store::Impl::settle_master_key(const Key& master) { return keyring_.settle(master); }

std::size_t Store::Impl::master_keys() const { return keyring_.slots(); }

bool Store::Impl::opens_with(const Key& master) const { return keyring_.opens_with(master); }

Result<void> Store::Impl::note_what_was_reached() {
  if (keyring_.floor() == saved_floor_) return {};
  if (auto saved = keyring_.save_floor(); !saved) return saved;
  saved_floor_ = keyring_.floor();
  return {};
}

Result<void> Store::add_master_key(const Key& master) { return impl_->add_master_key(master); }

Result<void> Store::settle_master_key(const Key& master) { return impl_->settle_master_key(master); }

std::size_t Store::master_keys() const { return impl_->master_keys(); }

bool Store::opens_with(const Key& master) const { return impl_->opens_with(master); }

Result<void> Store::note_what_was_reached() { return impl_->note_what_was_reached(); }

}  // namespace faceauth
