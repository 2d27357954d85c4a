#include <faced/server/gallery.h>

#include <faced/auth/verifier.h>
#include <faced/util/log.h>

#include <boost/asio/post.hpp>

#include <vector>

namespace faceauth {
namespace {

constexpr std::size_t kPage = 16;  // a few milliseconds of decryption

// False when the visitor wants no more.
bool visit_page(Keeper& keeper, const std::vector<UserSummary>& page, Modality modality,
                const std::function<bool(const UserSummary&, const Encodings&)>& visit) {
  const auto& models = keeper.eye.models();
  if (!models) return false;
  for (const UserSummary& user : page) {
    const Result<std::vector<Template>> templates = keeper.store.templates(user.name);
    if (!templates) {
      log::error(templates.error().message, {{"FACEAUTH_USER", user.name}});
      continue;
    }
    const auto reference = reference_of(*templates, models->dlib, models->feature, modality);
    if (reference && !visit(user, **reference)) return false;
  }
  return true;
}

}  // namespace

asio::awaitable<Result<void>> for_each_reference(Keeper& keeper,
                                                 std::function<bool(const UserSummary&, const Encodings&)> visit,
                                                 Modality modality) {
  std::string after;
  for (;;) {
    std::vector<UserSummary> page;
    Result<void> read = keeper.store.for_each_user(after, [&](const UserSummary& user) {
      page.push_back(user);
      return page.size() < kPage;
    });
    if (!read) co_return read;
    if (!keeper.eye.models()) co_return fail(Errc::eye_failed, "faced-vision stopped working; try again");
    if (!visit_page(keeper, page, modality, visit) || page.size() < kPage) co_return Result<void>{};
    after = page.back().name;
    co_await asio::post(keeper.io, asio::use_awaitable);
  }
}

}  // namespace faceauth
