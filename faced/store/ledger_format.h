// The bytes of the ledger's entries and head.
#pragma once

#include <faced/store/audit.h>
#include <faced/store/ledger.h>
#include <faced/store/record_format.h>

#include <optional>

namespace faceauth::format {

inline constexpr std::size_t kAuditMax = 1 + 1 + 1 + 8 + 16 + (2 + limits::kUserNameMax) + 4 * sizeof(std::uint32_t) +
                                         (2 + limits::kServiceMax) + (2 + limits::kTtyMax) + (2 + limits::kHostMax);
inline constexpr std::size_t kLedgerFront = 1 + sizeof(Mac);  // of an entry's record, before what is sealed
inline constexpr std::size_t kLedgerHead = 1 + 4 * sizeof(std::uint64_t) + 2 * sizeof(Mac);

// Texts beyond their limit are cut.
[[nodiscard]] Blob encode(const AuditEvent& event);
[[nodiscard]] std::optional<AuditEvent> decode_audit(View bytes);

using LedgerHeadBytes = std::array<std::uint8_t, kLedgerHead>;
[[nodiscard]] LedgerHeadBytes encode(const LedgerHead& head);
[[nodiscard]] std::optional<LedgerHead> decode_head(View bytes);

// Big-endian, so that LMDB's order is the order of time.
using LedgerKey = std::array<std::uint8_t, 8>;
[[nodiscard]] LedgerKey ledger_key(std::uint64_t number);
[[nodiscard]] std::optional<std::uint64_t> ledger_number(View key);

}  // namespace faceauth::format
