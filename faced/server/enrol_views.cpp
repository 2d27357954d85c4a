#include <faced/server/enrol_views.h>

#include <faced/auth/decision.h>
#include <faced/auth/enrolment.h>
#include <faced/auth/identifier.h>
#include <faced/server/gallery.h>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace faceauth {
namespace {

std::vector<const Encodings*> views_of(const std::vector<Secret<Sight>>& sights) {
  std::vector<const Encodings*> views;
  views.reserve(sights.size());
  for (const Secret<Sight>& sight : sights) views.push_back(&sight->encodings);
  return views;
}

// The user's templates that can be compared and will stay (adapted ones fall with an enrolment); none for a new user.
Result<std::vector<Template>> comparable_templates(Keeper& keeper, const std::string& user, Modality modality) {
  const auto& models = keeper.eye.models();
  if (!models) return fail(Errc::eye_failed, "faced-vision stopped working; try again");
  Result<std::vector<Template>> templates = keeper.store.templates(user);
  if (!templates && templates.error().code == Errc::not_found) return std::vector<Template>();
  if (templates)
    std::erase_if(*templates, [&](const Template& t) {
      return is_adapted(t.info) || t.info.dlib_model != models->dlib || t.info.feature_model != models->feature ||
             modality_of(t.info) != modality;
    });
  return templates;
}

std::string refusal(const std::string& user, const std::vector<std::size_t>& odd, std::size_t views, bool registered,
                    ViewsFrom from) {
  if (odd.size() == views && registered)
    return fmt::format("this is not the face that is registered for {}; if that one is wrong, remove it first", user);
  if (from == ViewsFrom::camera) return "the camera saw more than one person; nothing was stored";
  if (odd.size() == views) return "the photos do not show the same person; nothing was stored";
  return fmt::format("photo {} of {} shows somebody else than the others; nothing was stored", odd.front() + 1, views);
}

}  // namespace

asio::awaitable<Result<std::vector<Secret<Encodings>>>> choose_views(Keeper& keeper, Connection& client,
                                                                     std::string user,
                                                                     const std::vector<Secret<Sight>>& sights,
                                                                     ViewsFrom from, Modality modality) {
  const EnrolmentBounds bounds = enrolment_bounds(*keeper.config);
  const Result<std::vector<Template>> known = comparable_templates(keeper, user, modality);
  if (!known) co_return tl::unexpected<Error>(known.error());
  std::vector<const Encodings*> stored;
  for (const Template& t : *known) stored.push_back(&*t.encodings);
  const std::vector<const Encodings*> fresh = views_of(sights);

  const std::vector<std::size_t> odd = odd_ones_out(bounds, fresh, stored);
  for (const std::size_t i : odd) {
    if (from == ViewsFrom::camera) break;
    const wire::NoticeBody notice{wire::Notice::somebody_else, static_cast<std::uint8_t>(i + 1),
                                  static_cast<std::uint8_t>(fresh.size())};
    if (!co_await client.send(wire::Type::notice, notice)) co_return fail(Errc::cancelled, "the client went away");
  }
  if (!odd.empty()) co_return fail(Errc::no_usable_face, refusal(user, odd, fresh.size(), !stored.empty(), from));
  std::vector<Secret<Encodings>> chosen = merged(bounds, fresh, stored);
  if (chosen.empty()) co_return fail(Errc::no_usable_face, "no view could be measured; nothing was stored");
  co_return chosen;
}

asio::awaitable<Result<std::string>> other_user_of(Keeper& keeper, std::string user,
                                                   const std::vector<Secret<Sight>>& sights, Modality modality) {
  const MatchThresholds thresholds = match_thresholds(*keeper.config);
  const Secret<Encodings> mean = mean_of_all(sights);  // as a login would make one
  std::string found;
  auto compare = [&](const UserSummary& other, const Encodings& reference) {
    if (other.name == user) return true;
    const auto passes = [&](const Encodings& view) { return same_person(thresholds, view, reference); };
    const bool any = std::any_of(sights.begin(), sights.end(), [&](const auto& s) { return passes(s->encodings); });
    if (any || passes(*mean)) found = other.name;
    return found.empty();
  };
  if (Result<void> read = co_await for_each_reference(keeper, compare, modality); !read)
    co_return fail(std::move(read));
  co_return found;
}

}  // namespace faceauth
