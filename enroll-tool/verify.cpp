// What a login of this user would decide now, with reasons.
#include <enroll-tool/commands.h>
#include <enroll-tool/examiner.h>
#include <enroll-tool/images.h>
#include <enroll-tool/password.h>
#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

// A verdict of the keeper, or the nearest one to what went wrong on the way; then `exit` tells more than the verdict.
struct Outcome {
  Verdict verdict = Verdict::error;
  Exit exit = Exit::internal;
  std::string reason;
  bool answered = false;               // by the keeper
  Json distance, threshold, liveness;  // null unless measured and ours to see
  std::uint32_t frames = 0, elapsed_ms = 0;
  std::vector<Check> checks;
  std::string advice;
};

Outcome outcome_of(const Error& error) {
  Outcome outcome;
  outcome.verdict = verdict_of(error.code);
  // A wrong password elsewhere means "you may not"; here it is the answer to the question.
  outcome.exit = error.code == Errc::wrong_password ? Exit::negative : exit_of(error.code);
  outcome.reason = error.message;
  return outcome;
}

Outcome outcome_of(const wire::VerifyResult& result, bool from_image) {
  Outcome outcome;
  outcome.answered = true;
  outcome.verdict = result.verdict;
  outcome.exit = exit_of(result.verdict, from_image);
  outcome.reason = result.reason.size > 0 ? string_of(result.reason) : verdict_words(result.verdict);
  if (result.scored) {
    outcome.distance = rounded(result.distance);
    outcome.threshold = rounded(result.threshold);
    if (result.liveness_measured) outcome.liveness = rounded(result.liveness);
  }
  outcome.frames = result.frames;
  outcome.elapsed_ms = result.elapsed_ms;
  outcome.checks = checks_of(result);
  outcome.advice = advice_for(result, outcome.checks, from_image);
  return outcome;
}

Result<Outcome> verify(const Context& context, const VerifyOptions& options) {
  if (auto permitted = may_use_photos(options.images.size()); !permitted) return fail(std::move(permitted));
  const Result<std::vector<Image>> images = open_images(options.images);
  if (!images) {
    Outcome outcome = outcome_of(images.error());
    outcome.verdict = Verdict::error;  // no picture was looked at
    return outcome;
  }
  Password password;
  if (options.password_stdin) {
    if (auto got = read_password(STDIN_FILENO, password); !got) return fail(std::move(got));
  }
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  const wire::VerifyBegin begin{text_of(options.user), options.password_stdin, password.text(), 0};
  if (auto begun = connection->begin(wire::Type::verify_begin, begin); !begun) return fail(std::move(begun));
  password.wipe();

  const Result<std::optional<BadImage>> bad = send_images(*connection, *images, AfterBad::go_on);
  if (!bad) return tl::unexpected<Error>(bad.error());
  if (auto sent = connection->send(wire::Type::finish, wire::Empty{}); !sent) return fail(std::move(sent));
  Guide guide(context.out);
  const Result<Answer> last = next_after_notices(*connection, guide, kCameraWithin);
  if (!last) return tl::unexpected<Error>(last.error());
  const auto result = Connection::decoded<wire::VerifyResult>(*last, wire::Type::verify_result);
  if (!result) return tl::unexpected<Error>(result.error());
  if (string_of(result->user) != options.user) return fail(Errc::protocol, error_words(Errc::protocol));
  Outcome outcome = outcome_of(*result, !images->empty());
  if (bad->has_value() && outcome.exit == Exit::no_usable_face) outcome.reason = error_of(**bad).message;
  return outcome;
}

Tone tone_of(Verdict verdict) {
  if (verdict == Verdict::match) return Tone::good;
  return verdict == Verdict::no_match || verdict == Verdict::not_live ? Tone::bad : Tone::warning;
}

void explain(const Output& out, const std::string& user, const Outcome& outcome) {
  out.show({{Tone::strong, user},
            {Tone::plain, ": "},
            {tone_of(outcome.verdict), verdict_name(outcome.verdict)},
            {Tone::plain, fmt::format(" ({}), {} frame{} in {} ms", outcome.reason, outcome.frames,
                                      outcome.frames == 1 ? "" : "s", outcome.elapsed_ms)}});
  for (const Check& check : outcome.checks)
    out.show(
        {{Tone::plain, fmt::format("  {:<18} ", check.name)}, {check.held ? Tone::good : Tone::bad, words_of(check)}});
  if (!outcome.advice.empty()) out.show_wrapped({{Tone::strong, "  What to do: "}}, 14, outcome.advice);
}

}  // namespace

Exit run_verify(const Context& context, const VerifyOptions& options) {
  const Result<Outcome> result = verify(context, options);
  const Outcome outcome = result ? *result : outcome_of(result.error());
  context.out.object({{"user", options.user},
                      {"verdict", verdict_name(outcome.verdict)},
                      {"reason", outcome.reason},
                      {"distance", outcome.distance},
                      {"threshold", outcome.threshold},
                      {"liveness", outcome.liveness},
                      {"frames", outcome.frames},
                      {"elapsed_ms", outcome.elapsed_ms},
                      {"checks", json_of(outcome.checks)},
                      {"advice", string_or_null(outcome.advice)}});
  if (!outcome.answered || outcome.exit == Exit::no_usable_face)
    context.out.complain(outcome.reason);
  else if (!context.out.quiet)
    explain(context.out, options.user, outcome);
  return outcome.exit;
}

}  // namespace faceauth::enroll
