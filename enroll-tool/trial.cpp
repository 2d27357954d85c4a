#include <enroll-tool/images.h>
#include <enroll-tool/trial.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

struct Outcome {
  Verdict verdict = Verdict::error;
  std::uint32_t elapsed_ms = 0;
  std::string reason;
};

Result<Outcome> examine(Connection& connection, const Output& out, const std::string& user) {
  const wire::VerifyBegin begin{text_of(user), false, {}, 0};
  if (auto begun = connection.begin(wire::Type::verify_begin, begin); !begun) return fail(std::move(begun));
  if (auto sent = connection.send(wire::Type::finish, wire::Empty{}); !sent) return fail(std::move(sent));
  Guide guide(out);
  const Result<Answer> last = next_after_notices(connection, guide, kCameraWithin);
  if (!last) return tl::unexpected<Error>(last.error());
  const auto result = Connection::decoded<wire::VerifyResult>(*last, wire::Type::verify_result);
  if (!result) return tl::unexpected<Error>(result.error());
  return Outcome{result->verdict, result->elapsed_ms, string_of(result->reason)};
}

}  // namespace

void try_login(Connection& connection, const Output& out, const std::string& user) {
  out.say("Now a trial login.");
  const Result<Outcome> outcome = examine(connection, out, user);
  if (!outcome) {
    out.event({{"event", "trial"}, {"verdict", nullptr}, {"reason", outcome.error().message}});
    return out.say(fmt::format("The trial login did not take place: {}", outcome.error().message));
  }
  out.event({{"event", "trial"},
             {"verdict", verdict_name(outcome->verdict)},
             {"reason", outcome->reason},
             {"elapsed_ms", outcome->elapsed_ms}});
  if (outcome->verdict == Verdict::match)
    return out.say(fmt::format("Trial login: recognised in {:.1f} s.", outcome->elapsed_ms / 1000.0));
  out.say(fmt::format("Trial login: {} ({}). `enroll-tool verify {}` tries again.", verdict_name(outcome->verdict),
                      outcome->reason.empty() ? verdict_words(outcome->verdict) : outcome->reason, printable(user)));
}

}  // namespace faceauth::enroll
