#include <faced/server/adapt.h>

#include <faced/auth/adaptation.h>
#include <faced/crypto/aead.h>
#include <faced/server/announce.h>
#include <faced/server/audit.h>
#include <faced/util/log.h>

namespace faceauth {
namespace {

MatchThresholds strict_of(const Config& config) {
  return match_thresholds(MatchLevel::strict, config.encoder.calibration);
}

Template adapted(const Encodings& encodings, const std::string& dlib_model, const std::string& feature_model,
                 UnixTime now) {
  Template one;
  random_bytes(one.info.id);
  one.info.label = one.info.source = kAdapted;
  one.info.dlib_model = dlib_model;
  one.info.feature_model = feature_model;
  one.info.created = now;
  *one.encodings = encodings;
  return one;
}

}  // namespace

void adapt(Keeper& keeper, const Connection& client, const Request& request, const RegistrationId& registration,
           const Encodings& candidate) {
  const Config& config = *keeper.config;
  const auto& models = keeper.eye.models();
  // With templates held to their camera an adapted one would never be compared.
  if (!config.adapt.on || config.liveness == LivenessMode::off || config.camera.same_as_enrolled || !models) return;
  const Result<UserSummary> user = keeper.store.user(request.subject);
  if (!user || user->registration != registration) return;
  const Result<std::vector<Template>> templates = keeper.store.templates(request.subject);
  if (!templates) return log::error(templates.error().message, {{"FACEAUTH_USER", request.subject}});
  const UnixTime now = keeper.clock.unix_time();
  if (!may_join(strict_of(config), *templates, models->dlib, models->feature, candidate, now)) return;
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::adapt);
  const Template one = adapted(candidate, models->dlib, models->feature, now);
  const Result<void> stored = keeper.store.adapt(request.subject, one, config.adapt.templates, &event);
  if (!stored)
    return log::warning("a template did not join: " + stored.error().message, {{"FACEAUTH_USER", request.subject}});
  announce(keeper, event);
}

}  // namespace faceauth
