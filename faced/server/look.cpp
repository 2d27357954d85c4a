#include <faced/server/look.h>

#include <faced/auth/repetition.h>
#include <faced/auth/verifier.h>
#include <faced/server/scan.h>

#include <chrono>
#include <utility>

namespace faceauth {
namespace {

// What the frames of one look come to.
class Gathering {
 public:
  explicit Gathering(const VerifierPolicy& policy) : policy_(policy) {}

  // What is wrong with the frame; none also for one that was seen before, which nobody can mend.
  FaceIssue add(const Sight& sight, Steady captured, Look& seen) {
    const FaceIssue issue = frame_issue(policy_, sight);
    if (issue != FaceIssue::none) {
      if (unlive_ < policy_.frames) seen.nothing = verdict_of(issue);
      return issue;
    }
    const bool again = policy_.liveness && repetition_.look(sight.fingerprint, captured) != Repetition::Kind::fresh;
    if (again || !frame_is_live(policy_, sight)) {
      ++unlive_;
      seen.nothing = Verdict::not_live;
      return again ? FaceIssue::none : liveness_advice(policy_, sight);
    }
    seen.sights.emplace_back();
    *seen.sights.back() = sight;
    return FaceIssue::none;
  }

 private:
  const VerifierPolicy& policy_;
  Repetition repetition_;
  unsigned unlive_ = 0;
};

}  // namespace

Verdict verdict_of(FaceIssue issue) {
  if (issue == FaceIssue::several_faces) return Verdict::multiple_faces;
  const bool nobody = issue == FaceIssue::none || issue == FaceIssue::no_face || issue == FaceIssue::unreadable;
  return nobody ? Verdict::no_face : Verdict::poor_quality;
}

asio::awaitable<Result<Look>> look(Keeper& keeper, Connection& client, Steady deadline, Guidance* guidance) {
  const std::shared_ptr<const Config> config = keeper.config;
  if (Result<void> ready = co_await keeper.eye.ready(deadline); !ready) co_return fail(std::move(ready));
  Result<std::unique_ptr<Viewer>> viewer = co_await watch_camera(keeper, config, deadline);
  if (!viewer) co_return fail(std::move(viewer));
  Look seen;
  seen.viewer = std::move(*viewer);
  seen.modality = keeper.eye.modality();
  const VerifierPolicy policy = verifier_policy(*config, seen.modality);
  Gathering gathering(policy);
  while (seen.sights.size() < policy.frames) {
    Result<SharedFrame> frame = co_await seen.viewer->next(deadline);
    if (!frame && frame.error().code != Errc::timed_out) co_return fail(std::move(frame));
    if (!frame || client.peer_is_gone()) {
      seen.sights.clear();
      break;
    }
    const eye::Frame& shown = ***frame;
    const Steady captured{std::chrono::nanoseconds(shown.captured_ns)};
    const FaceIssue issue = gathering.add(shown.sight, captured, seen);
    if (guidance != nullptr) co_await guidance->say(issue);
  }
  co_return std::move(seen);
}

}  // namespace faceauth
