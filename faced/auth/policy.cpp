#include <faced/auth/policy.h>

#include <algorithm>

namespace faceauth {
namespace {

Factors both(Factors a, Factors b) {
  if (a == Factors::unset) return b;
  if (b == Factors::unset || a == b) return a;
  if (a == Factors::none || b == Factors::none) return Factors::none;
  if (a == Factors::face_or_password) return b;
  if (b == Factors::face_or_password) return a;
  return Factors::face_and_password;  // face with password, or either with both
}

}  // namespace

Demand join(const ServicePolicy& service, Factors option, Intent option_intent) {
  Demand demand{both(service.factors, option), std::max(service.intent, option_intent)};
  if (demand.factors == Factors::unset) demand.factors = Factors::none;
  if (demand.intent == Intent::unset) demand.intent = Intent::none;
  return demand;
}

}  // namespace faceauth
