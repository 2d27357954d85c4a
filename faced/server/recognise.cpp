#include <faced/server/recognise.h>

#include <faced/auth/identifier.h>
#include <faced/server/accounts.h>
#include <faced/server/ask.h>
#include <faced/server/gallery.h>
#include <faced/server/look.h>
#include <faced/server/origin.h>
#include <faced/server/scan.h>
#include <faced/server/watch.h>
#include <faced/util/log.h>

#include <chrono>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

// What keeps everybody out who gives no name. From afar that is always so: whoever sits here would let the other end in
// under his own name.
std::optional<Verdict> barred(const Keeper& keeper, const Connection& client, const Login& login) {
  if (login.demand.factors == Factors::password) return Verdict::not_allowed;
  if (is_remote(client.peer(), login.tty, login.rhost)) return Verdict::remote;
  if (keeper.sos.faces_off()) return Verdict::disabled;
  if (face_hold(keeper.nobody, keeper.config->lockout, keeper.clock.wait_time()) != Hold::none)
    return Verdict::locked_out;
  if (keeper.faces_in_view.size() > limits::kCameraWaitersMax) return Verdict::busy;
  const Result<StoreFigures> figures = keeper.store.figures();
  if (!figures) return Verdict::error;
  return figures->users == 0 ? std::optional(Verdict::not_enrolled) : std::nullopt;
}

// A password that is typed instead is the next module's, which will ask whose it is.
asio::awaitable<bool> wants_in(Keeper& keeper, Connection& client, Login& login, Judgement& judgement,
                               Steady& deadline) {
  if (login.demand.intent != Intent::enter) co_return true;
  judgement.refused(Verdict::not_allowed, false);
  if (!login.may_prompt) co_return false;
  wire::Answer answer;
  const bool answered = co_await ask_person(keeper, client, wire::Asks::enter, answer, deadline, judgement);
  client.wipe_frame();
  if (!answered || answer.kind != wire::Answers::enter) co_return false;
  login.demand.intent = Intent::none;
  co_return true;
}

// The name of whoever is there; empty, and the judgement says why, when he has none.
asio::awaitable<std::string> name_of_whoever(Keeper& keeper, Connection& client, Steady deadline, Recognised& result) {
  Judgement& judgement = result.judgement;
  const wire::NoticeBody begins{wire::Notice::scanning, static_cast<std::uint8_t>(wire::Typing::not_offered)};
  if (!co_await client.send(wire::Type::notice, begins)) co_return std::string();
  Guidance guidance(client);
  Result<Look> seen = co_await look(keeper, client, deadline, &guidance);
  judgement.client_left = client.peer_is_gone();
  if (!seen) {
    log::warning(seen.error().message);
    judgement.refused(verdict_of(seen.error()), false);
    co_return std::string();
  }
  if (seen->sights.empty()) {
    judgement.refused(seen->nothing, seen->nothing == Verdict::not_live);
    co_return std::string();
  }
  const Secret<Encodings> probe = mean_of_all(seen->sights);
  const Result<Identifier::Answer> answer = co_await identify_in_gallery(keeper, *probe, seen->modality);
  if (!answer) {
    log::error(answer.error().message);
    judgement.refused(Verdict::error, false);
    co_return std::string();
  }
  judgement.refused(Verdict::no_match, true);
  result.viewer = std::move(seen->viewer);
  co_return answer->user.value_or("");
}

// The record of whom was recognised, if the system knows him and his face may be used.
asio::awaitable<std::optional<UserSummary>> user_named(Keeper& keeper, Request& request, Judgement& judgement) {
  auto look_up = [name = request.subject] { return uid_of(name); };
  auto uid = co_await keeper.lookups.run(std::move(look_up));
  request.subject_uid = uid ? std::move(*uid) : Result<std::uint32_t>(tl::unexpected<Error>(uid.error()));
  const Result<UserSummary> user = registered_user(keeper, request);
  const auto kept_out = user ? face_barred(keeper, *user) : std::optional(Verdict::not_enrolled);
  if (!kept_out) co_return *user;
  judgement.refused(*kept_out, true);
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<Recognised> recognise(Keeper& keeper, Connection& client, Login& login, Request& request) {
  Recognised result;
  Steady deadline = std::chrono::steady_clock::now() + login.timeout;
  const milliseconds to_move = time_to_look(*keeper.config, login.demand.intent) - keeper.config->timeout;
  if (login.demand.factors == Factors::face_or_password) login.demand.factors = Factors::face;  // whose password?
  result.only_one = std::make_unique<InUse>(keeper.faces_in_view, "");
  const auto is_barred = [&] {
    const auto kept_out = result.only_one->held() ? barred(keeper, client, login) : std::optional(Verdict::busy);
    if (kept_out) result.judgement.refused(*kept_out, false);
    return kept_out.has_value();
  };
  if (is_barred() || !co_await wants_in(keeper, client, login, result.judgement, deadline)) co_return std::move(result);
  if (is_barred()) co_return std::move(result);  // minutes may have passed
  request.subject = co_await name_of_whoever(keeper, client, deadline - to_move, result);
  if (!request.subject.empty()) result.user = co_await user_named(keeper, request, result.judgement);
  login.timeout = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  co_return std::move(result);
}

void count_recognition(Keeper& keeper, const Judgement& judgement) {
  if (judgement.verdict == Verdict::match)
    unlocked(keeper.nobody);
  else if (judgement.judged)
    face_refused(keeper.nobody, keeper.config->lockout, keeper.clock.wait_time());
}

}  // namespace faceauth
