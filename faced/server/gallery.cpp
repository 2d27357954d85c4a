#include <faced/server/gallery.h>

#include <faced/auth/adaptation.h>
#include <faced/auth/verifier.h>
#include <faced/util/log.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace faceauth {
namespace {

constexpr std::size_t kPage = 16;                            // a few milliseconds of decryption
constexpr std::size_t kRowsAtOnce = std::size_t{32} * 1024;  // a millisecond or two
constexpr std::size_t kIndexedLeast = 64;                    // for fewer users opening all templates is quick enough
constexpr int kTries = 3;                                    // when templates change meanwhile

// Of a user who has one in this light. Whoever was removed meanwhile has none, which is no error.
std::optional<Secret<Encodings>> open_reference(Keeper& keeper, const std::string& name, const Eye::Models& models,
                                                Modality modality) {
  const Result<std::vector<Template>> templates = keeper.store.templates(name);
  if (templates) return reference_of(*templates, models.dlib, models.feature, modality);
  if (templates.error().code != Errc::not_found) log::error(templates.error().message, {{"FACEAUTH_USER", name}});
  return std::nullopt;
}

// False when the visitor wants no more.
bool visit_page(Keeper& keeper, const std::vector<UserSummary>& page, Modality modality,
                const std::function<bool(const UserSummary&, const Encodings&)>& visit) {
  const auto& models = keeper.eye.models();
  if (!models) return false;
  for (const UserSummary& user : page) {
    const auto reference = open_reference(keeper, user.name, *models, modality);
    if (reference && !visit(user, **reference)) return false;
  }
  return true;
}

Identifier new_identifier(const Keeper& keeper, std::uint64_t users, const Encodings& probe) {
  return {match_thresholds(*keeper.config), static_cast<std::size_t>(users), probe};
}

using Light = GalleryIndex::Light;

// Nothing when it finds no room, or was dropped meanwhile.
asio::awaitable<Result<std::shared_ptr<Light>>> make_light(Keeper& keeper, std::size_t users, Modality modality) {
  const auto models = keeper.eye.models();
  if (!models) co_return fail(Errc::eye_failed, "faced-vision stopped working; try again");
  std::optional<ReferenceIndex> room;
  if (keeper.gallery.has_room(modality, users, SecretBytes::lockable())) room = ReferenceIndex::with_room_for(users);
  if (!room) {
    if (keeper.gallery.first_without_room(users))
      log::warning(
          "identify opens every template each time: an index of " + std::to_string(users) + " users takes " +
          std::to_string((users * ReferenceIndex::kBytesPerUser >> 20U) + 1) +
          " MiB, and those of both lights together must not be more than half of LimitMEMLOCK= of faced.service");
    co_return nullptr;
  }
  const auto light = std::make_shared<Light>(Light{models->dlib, models->feature, std::move(*room)});
  keeper.gallery.keep(modality, light);
  bool fits = true;
  auto add = [&](const UserSummary& user, const Encodings& reference) {
    fits = !light->dropped && light->index.add(user.name, reference);
    return fits;
  };
  Result<void> read = co_await for_each_reference(keeper, add, modality);
  if (read && fits && !light->dropped) {
    light->complete = true;
    co_return light;
  }
  if (keeper.gallery.of(modality) == light) keeper.gallery.drop(modality);
  if (!read) co_return fail(std::move(read));
  co_return nullptr;
}

// Nothing when there is none to be had now.
asio::awaitable<Result<std::shared_ptr<Light>>> light_of(Keeper& keeper, std::size_t users, Modality modality) {
  if (users < kIndexedLeast) co_return nullptr;
  const auto& models = keeper.eye.models();
  if (!models) co_return fail(Errc::eye_failed, "faced-vision stopped working; try again");
  const std::shared_ptr<Light> kept = keeper.gallery.of(modality);
  if (kept && !kept->complete) co_return nullptr;  // another request is making it
  if (kept && kept->dlib_model == models->dlib && kept->feature_model == models->feature) co_return kept;
  keeper.gallery.drop(modality);
  co_return co_await make_light(keeper, users, modality);
}

// In the order in which the store has them, as the first of several equally near is the nearest.
asio::awaitable<void> compare_each(Keeper& keeper, const std::set<std::string>& names, Modality modality,
                                   Identifier& identifier) {
  std::size_t opened = 0;
  for (const std::string& name : names) {
    const auto& models = keeper.eye.models();
    if (!models) co_return;
    if (const auto reference = open_reference(keeper, name, *models, modality)) identifier.compare(name, **reference);
    if (++opened % kPage == 0) co_await asio::post(keeper.io, asio::use_awaitable);
  }
}

// Nothing when templates changed meanwhile.
asio::awaitable<std::optional<Identifier::Answer>> answer_by(Keeper& keeper, std::shared_ptr<Light> light,
                                                             const Encodings& probe, std::uint64_t users,
                                                             Modality modality) {
  const std::uint64_t changes = keeper.gallery.changes();
  ReferenceScan scan(light->index, probe);
  while (scan.step(kRowsAtOnce)) {
    co_await asio::post(keeper.io, asio::use_awaitable);
    if (keeper.gallery.changes() != changes) co_return std::nullopt;
  }
  std::set<std::string> names = light->changed;
  for (std::string& name : scan.candidates()) names.insert(std::move(name));
  Identifier identifier = new_identifier(keeper, users, probe);
  co_await compare_each(keeper, names, modality, identifier);
  if (keeper.gallery.changes() != changes || !keeper.eye.models()) co_return std::nullopt;
  co_return identifier.answer();
}

asio::awaitable<Result<Identifier::Answer>> answer_by_all(Keeper& keeper, const Encodings& probe, std::uint64_t users,
                                                          Modality modality) {
  Identifier identifier = new_identifier(keeper, users, probe);
  auto compare = [&](const UserSummary& user, const Encodings& reference) {
    identifier.compare(user.name, reference);
    return true;
  };
  if (Result<void> read = co_await for_each_reference(keeper, compare, modality); !read)
    co_return fail(std::move(read));
  co_return identifier.answer();
}

}  // namespace

asio::awaitable<Result<Identifier::Answer>> identify_in_gallery(Keeper& keeper, const Encodings& probe,
                                                                Modality modality) {
  const Result<StoreFigures> figures = keeper.store.figures();
  if (!figures) co_return tl::unexpected<Error>(figures.error());
  const std::uint64_t users = figures->users;
  keeper.gallery.used();
  for (int i = 0; i < kTries; ++i) {
    Result<std::shared_ptr<Light>> light = co_await light_of(keeper, static_cast<std::size_t>(users), modality);
    if (!light) co_return fail(std::move(light));
    if (!*light) break;
    if (const auto answer = co_await answer_by(keeper, *light, probe, users, modality)) co_return *answer;
  }
  co_return co_await answer_by_all(keeper, probe, users, modality);
}

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
