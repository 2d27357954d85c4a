// Who is this? One face against everybody, with "nobody we know" as an answer.
#include <enroll-tool/commands.h>
#include <enroll-tool/images.h>
#include <enroll-tool/person.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

struct Outcome {
  Verdict verdict = Verdict::error;
  Exit exit = Exit::internal;
  Json user, margin;    // null: nobody; not measured or not ours to see
  std::string trouble;  // why it could not be judged; empty when it was
};

Outcome outcome_of(const Error& error, Verdict verdict) {
  return {verdict, exit_of(error.code), Json(), Json(), error.message};
}

Outcome outcome_of(const wire::IdentifyResult& result, bool from_image) {
  Outcome outcome;
  outcome.verdict = result.verdict;
  outcome.exit = exit_of(result.verdict, from_image);
  // Whatever the keeper thinks of the nearest one: who does not match has no name.
  if (result.verdict == Verdict::match) outcome.user = string_of(result.user);
  if (result.scored) outcome.margin = rounded(result.margin);
  return outcome;
}

Result<Outcome> identify(const Context& context, const IdentifyOptions& options) {
  if (auto permitted = may_use_photos(options.images.size()); !permitted) return fail(std::move(permitted));
  const Result<std::vector<Image>> images = open_images(options.images);
  if (!images) return outcome_of(images.error(), Verdict::error);
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  if (auto begun = connection->begin(wire::Type::identify_begin, wire::IdentifyBegin{}); !begun)
    return fail(std::move(begun));

  const Result<std::optional<BadImage>> bad = send_images(*connection, *images, AfterBad::go_on);
  if (!bad) return tl::unexpected<Error>(bad.error());
  if (auto sent = connection->send(wire::Type::finish, wire::Empty{}); !sent) return fail(std::move(sent));
  Guide guide(context.out);
  const Result<Answer> last = next_after_notices(*connection, guide, kCameraWithin);
  if (!last) return tl::unexpected<Error>(last.error());
  const auto result = Connection::decoded<wire::IdentifyResult>(*last, wire::Type::identify_result);
  if (!result) return tl::unexpected<Error>(result.error());
  if (result->verdict == Verdict::match && result->user.size == 0)
    return fail(Errc::protocol, error_words(Errc::protocol));
  Outcome outcome = outcome_of(*result, !images->empty());
  if (bad->has_value() && outcome.exit == Exit::no_usable_face) outcome.trouble = error_of(**bad).message;
  return outcome;
}

}  // namespace

Exit run_identify(const Context& context, const IdentifyOptions& options) {
  const Result<Outcome> result = identify(context, options);
  const Outcome outcome = result ? *result : outcome_of(result.error(), verdict_of(result.error().code));
  Json object{{"user", outcome.user}, {"verdict", verdict_name(outcome.verdict)}, {"margin", outcome.margin}};
  if (!outcome.trouble.empty()) object["reason"] = outcome.trouble;
  context.out.object(object);
  if (!outcome.trouble.empty()) {
    context.out.complain(outcome.trouble);
  } else if (!context.out.quiet) {
    std::string line = outcome.user.is_null() ? fmt::format("nobody known ({})", verdict_name(outcome.verdict))
                                              : outcome.user.get<std::string>();
    // 0 is none: nobody else is registered.
    if (outcome.margin.is_number() && outcome.margin.get<double>() > 0)
      line += fmt::format(", nearer than the next by {}", to_line(outcome.margin));
    context.out.show(line);
  }
  return outcome.exit;
}

}  // namespace faceauth::enroll
