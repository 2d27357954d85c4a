#include <faced/store/store.h>
#include <faced/store/store_impl.h>

namespace faceauth {

Result<void> Store::Impl::record(const AuditEvent& event) {
  return write([&](Txn& txn) { return append(txn, &event); });
}

Result<AuditPage> Store::Impl::audit(std::uint64_t from, std::size_t count) const {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  return ledger(*txn).page(from, count);
}

Result<void> Store::Impl::check_audit(AuditCheck& progress, std::size_t count) const {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  return ledger(*txn).check(progress, count);
}

Result<void> Store::record(const AuditEvent& event) { return impl_->record(event); }

Result<AuditPage> Store::audit(std::uint64_t from, std::size_t count) const { return impl_->audit(from, count); }

Result<void> Store::check_audit(AuditCheck& progress, std::size_t count) const {
  return impl_->check_audit(progress, count);
}

}  // namespace faceauth
