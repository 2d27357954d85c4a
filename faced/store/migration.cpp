#include <faced/store/migration.h>

#include <algorithm>
#include <string>

namespace faceauth {

Result<void> from_2_to_3(Txn&) { return {}; }

Result<void> migrate(Txn& txn, std::uint32_t found, std::uint32_t wanted, std::span<const Migration> migrations) {
  for (std::uint32_t schema = found; schema < wanted; ++schema) {
    const auto step = std::ranges::find(migrations, schema, &Migration::from);
    if (step == migrations.end())
      return fail(Errc::unsupported, "no way leads from store schema " + std::to_string(schema) + " to " +
                                         std::to_string(wanted) + ": open it with an older version first");
    if (auto done = step->apply(txn); !done)
      return fail_in("migrating the store from schema " + std::to_string(schema), done.error());
  }
  return {};
}

}  // namespace faceauth
