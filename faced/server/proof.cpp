#include <faced/server/connection.h>
#include <faced/server/keeper.h>
#include <faced/server/proof.h>

#include <chrono>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

bool stands(const Keeper& keeper, const std::optional<Proof>& proof, const std::string& user) {
  if (user.empty() || !proof || proof->user != user) return false;
  const Result<UserSummary> now = keeper.store.user(user);
  if (!now || now->registration != proof->registration || now->state.password_stale) return false;
  const Result<std::optional<PasswordHash>> password = keeper.store.password(user);
  return password && *password && equal_constant_time((*password)->bytes(), proof->password.bytes());
}

}  // namespace

void note_proof(const Keeper& keeper, Connection& client, const std::string& user, const RegistrationId& registration) {
  client.proof.reset();
  Result<std::optional<PasswordHash>> password = keeper.store.password(user);
  if (!password || !*password) return;
  client.proof.emplace(Proof{user, registration, std::move(**password), keeper.clock.wait_time()});
  if (!stands(keeper, client.proof, user)) client.proof.reset();
}

bool is_proven(const Keeper& keeper, const Connection& client, const std::string& user) {
  return stands(keeper, client.proof, user) &&
         keeper.clock.wait_time() - client.proof->at < std::chrono::milliseconds(limits::kProofLastsMs);
}

Result<void> may_still_change(const Keeper& keeper, const Connection& client, const std::string& user) {
  if (client.peer().is_root() || stands(keeper, client.proof, user)) return {};
  return fail(Errc::not_permitted, "the password was changed meanwhile; nothing was stored");
}

}  // namespace faceauth
