#include <faced/server/completion.h>

#include <faced/auth/incomplete.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <algorithm>

namespace faceauth {

Result<Completion> completion_by(const Keeper& keeper, const std::string& user, std::span<const Template> fresh) {
  Completion done;
  const Result<std::vector<Template>> stored = keeper.store.templates(user);
  if (!stored && stored.error().code == Errc::not_found) return done;
  if (!stored) return tl::unexpected<Error>(stored.error());
  std::size_t waiting = 0;
  for (const Template& old : *stored) {
    if (!is_incomplete(old.info)) continue;
    ++waiting;
    if (std::ranges::none_of(fresh, [&](const Template& one) { return completes(one, old); })) continue;
    if (done.ids.empty()) done.label = old.info.label;
    done.ids.push_back(old.info.id);
  }
  if (waiting > 0)
    log::notice(fmt::format("{} of {} imported templates of {} are completed", done.ids.size(), waiting, user),
                {{"FACEAUTH_USER", user}});
  return done;
}

}  // namespace faceauth
