// Leading an older store to the present schema, and what open() takes for that.
#pragma once

#include <faced/store/lmdb_env.h>
#include <faced/store/record_format.h>

#include <faceauth/limits.h>
#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <span>

namespace faceauth {

// One step from schema `from` to `from` + 1. All steps and the new schema number are one transaction: a step that fails
// leaves the old store. A step may be run again from the start and keeps nothing outside the transaction.
struct Migration {
  std::uint32_t from = 0;
  Result<void> (*apply)(Txn& txn) = nullptr;
};

// Only the number changes: it keeps away a version that knows no state of format 2, which it would call damaged, user
// by user, once they had logged in.
[[nodiscard]] Result<void> from_2_to_3(Txn& txn);

// From schema 2 on; the step from 1 to 2 needs keys and both files (upgrade_from_1.h).
inline constexpr std::array kMigrationSteps = {Migration{2, from_2_to_3}};
inline constexpr std::span<const Migration> kMigrations{kMigrationSteps};

struct StoreOptions {
  std::uint32_t schema = format::kSchema;
  std::span<const Migration> migrations = kMigrations;
  MapSize map{};
  std::uint64_t ledger_entries = limits::kLedgerEntries;
};

// Runs the steps from `found` to `wanted`. Errors: unsupported when a step is missing; those of the steps.
[[nodiscard]] Result<void> migrate(Txn& txn, std::uint32_t found, std::uint32_t wanted,
                                   std::span<const Migration> migrations);

}  // namespace faceauth
