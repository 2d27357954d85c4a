// auth_begin and auth_identify: a PAM module asks whether a user, or whoever is there, may pass for a service. The
// verdict starts as `error` and becomes `match` in one place (Judgement::matched).
#include <faced/server/adapt.h>
#include <faced/server/ask.h>
#include <faced/server/login_record.h>
#include <faced/server/news.h>
#include <faced/server/origin.h>
#include <faced/server/passwords.h>
#include <faced/server/recognise.h>
#include <faced/server/scan.h>
#include <faced/util/log.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

struct Joining {
  RegistrationId registration{};
  Secret<Encodings> face;
};

// One login's conversation. Time spent waiting for the person moves the deadline.
class LoginTalk {
 public:
  LoginTalk(Keeper& keeper, Connection& client, const Login& login, const UserSummary& user)
      : keeper_(keeper),
        client_(client),
        login_(login),
        user_(user),
        not_before_(std::chrono::steady_clock::now() + login.lock_wait),
        deadline_(std::chrono::steady_clock::now() + login.timeout),
        at_hand_(login.password_at_hand) {}

  // What may join the templates: of a login that asked for face and password and was given both. Nothing else is
  // enough, and a `report` least of all: it is another conversation, perhaps of somebody else.
  [[nodiscard]] std::optional<Joining> take_joining() {
    const bool both = login_.demand.factors == Factors::face_and_password && face_matched_ && password_right_;
    if (!both || judgement_.verdict != Verdict::match || !candidate_) return std::nullopt;
    return Joining{user_.registration, std::move(*candidate_)};
  }

  asio::awaitable<Judgement> run() {
    switch (login_.demand.factors) {
      case Factors::face:
        co_await try_face();
        break;
      case Factors::password:
        co_await try_passwords();
        break;
      case Factors::face_or_password:
        co_await try_either();
        break;
      case Factors::face_and_password:
        co_await try_both();
        break;
      case Factors::none:
      case Factors::unset:
        judgement_.refused(Verdict::not_allowed, false);
        break;
    }
    if ((face_matched_ || password_right_) && is_still_registered()) decide();
    co_return judgement_;
  }

 private:
  // The same registration all the way: else a face and a password of two could make one login.
  bool is_still_registered() {
    const Result<UserSummary> now = keeper_.store.user(user_.name);
    if (now && now->registration == user_.registration) return true;
    judgement_ = {.verdict = Verdict::not_enrolled, .judged = false, .client_left = judgement_.client_left};
    return false;
  }

  // The only place where a login becomes a match.
  void decide() {
    const bool either = face_matched_ || password_right_, both = face_matched_ && password_right_;
    switch (login_.demand.factors) {
      case Factors::face:
        if (face_matched_) judgement_.matched();
        break;
      case Factors::password:
        if (password_right_) judgement_.matched();
        break;
      case Factors::face_or_password:
        if (either) judgement_.matched();
        break;
      case Factors::face_and_password:
        if (both) judgement_.matched();
        break;
      case Factors::none:
      case Factors::unset:
        break;
    }
  }

  asio::awaitable<void> try_either() {
    if (at_hand_) co_await try_password();
    if (!finished()) co_await try_face();
    if (!finished() && !typed_) {
      const Judgement by_face = judgement_;
      co_await try_password();
      // Without a password of its own to judge, the face's reason is the truer one.
      if (!password_tried_) judgement_ = by_face;
    }
  }

  // The password first: it is an explicit act, and a wrong one need not light the camera.
  asio::awaitable<void> try_both() {
    co_await try_passwords();
    if (password_right_) co_await try_face();
  }

  asio::awaitable<void> try_face() {
    if (is_barred()) co_return;
    if (login_.demand.intent == Intent::enter && !password_right_) {
      co_await ask_intent();
      if (!intent_shown_ || is_barred()) co_return;  // minutes may have passed
    }
    if (login_.lock_wait.count() > 0 && !password_right_) co_await outlast_locking();
    Examined seen =
        co_await scan_face(keeper_, client_, user_.name,
                           {.deadline = deadline_ - time_kept_back(), .intent = gesture_due(), .typing = typing()});
    face_matched_ = seen.verdict == Verdict::match;
    if (face_matched_ && password_right_) candidate_ = std::move(seen.candidate);
    judgement_.refused(face_matched_ ? Verdict::error : seen.verdict, seen.judged);
  }

  // Who has just locked his screen is still before it.
  asio::awaitable<void> outlast_locking() {
    asio::steady_timer timer(co_await asio::this_coro::executor, not_before_);
    co_await timer.async_wait(kQuietly);
  }

  // A password that was typed is an explicit act already.
  [[nodiscard]] Intent gesture_due() const {
    return login_.demand.intent == Intent::gesture && !password_right_ ? Intent::gesture : Intent::none;
  }

  [[nodiscard]] wire::Typing typing() const {
    if (login_.demand.factors == Factors::face_and_password) return wire::Typing::not_offered;
    return password_may_follow() ? wire::Typing::judged_here : wire::Typing::next_module;
  }
  [[nodiscard]] bool password_may_follow() const {
    return login_.demand.factors == Factors::face_or_password && user_.has_password && !typed_ && login_.may_prompt;
  }

  // A password may still have to be hashed within the same deadline.
  milliseconds time_kept_back() const {
    const milliseconds time_to_judge = std::max(milliseconds{0}, login_.timeout - login_.lock_wait);
    return password_may_follow() ? std::min(3 * keeper_.hashing_took, time_to_judge / 2) : milliseconds{0};
  }

  std::optional<Verdict> barred_now() const {
    if (is_remote(client_.peer(), login_.tty, login_.rhost) && !login_.remote_allowed) return Verdict::remote;
    const Result<UserSummary> fresh = keeper_.store.user(user_.name);  // a password may have changed the counters
    return fresh ? face_barred(keeper_, *fresh) : std::optional(Verdict::not_enrolled);
  }

  bool is_barred() {
    const std::optional<Verdict> barred = barred_now();
    if (barred) judgement_.refused(*barred, false);
    return barred.has_value();
  }

  // Enter scans; anything typed is a password and the person's wish not to be scanned.
  asio::awaitable<void> ask_intent() {
    judgement_.refused(Verdict::not_allowed, false);
    if (!login_.may_prompt) co_return;
    wire::Answer answer;
    if (!co_await ask(wire::Asks::enter, answer)) co_return;
    intent_shown_ = answer.kind == wire::Answers::enter;
    if (answer.kind != wire::Answers::password) co_return;
    typed_ = true;
    SecretBytes password = take_password(client_, answer.password);
    if (password_may_suffice(login_.demand.factors)) co_await check(std::move(password));
  }

  // What an earlier module left, then what the person types: PAM's meaning of try_first_pass.
  asio::awaitable<void> try_passwords() {
    if (at_hand_) co_await try_password();
    if (!finished() && !typed_) co_await try_password();
  }

  asio::awaitable<void> try_password() {
    const bool from_person = !std::exchange(at_hand_, false);
    if (!user_.has_password || user_.state.password_stale) {
      judgement_.refused(Verdict::not_enrolled, false);
      co_return;
    }
    judgement_.refused(Verdict::not_allowed, false);
    if (from_person && !login_.may_prompt) co_return;
    wire::Answer answer;
    if (!co_await ask(wire::Asks::password, answer)) co_return;
    typed_ = from_person;
    if (answer.kind == wire::Answers::password) co_await check(take_password(client_, answer.password));
  }

  asio::awaitable<void> check(SecretBytes password) {
    password_tried_ = true;
    // In a variable of its own: GCC 12 never leaves a switch whose condition awaits.
    const PasswordUse use =
        login_.demand.factors == Factors::face_and_password ? PasswordUse::beside_face : PasswordUse::suffices;
    const PasswordCheck outcome = co_await check_password(keeper_, user_.name, std::move(password), use);
    switch (outcome) {
      case PasswordCheck::right:
        password_right_ = true;
        break;
      case PasswordCheck::wrong:
        judgement_.refused(Verdict::no_match, true);
        break;
      case PasswordCheck::held:
        judgement_.refused(Verdict::locked_out, false);
        break;
      case PasswordCheck::none:
        judgement_.refused(Verdict::not_enrolled, false);
        break;
      case PasswordCheck::busy:
        judgement_.refused(Verdict::busy, false);
        break;
      case PasswordCheck::failed:
        judgement_.refused(Verdict::error, false);
        break;
    }
  }

  asio::awaitable<bool> ask(wire::Asks what, wire::Answer& answer) {
    co_return co_await ask_person(keeper_, client_, what, answer, deadline_, judgement_);
  }

  [[nodiscard]] bool finished() const { return face_matched_ || password_right_ || judgement_.client_left; }

  Keeper& keeper_;
  Connection& client_;
  const Login& login_;
  const UserSummary& user_;
  const Steady not_before_;
  Steady deadline_;
  Judgement judgement_;
  std::optional<Secret<Encodings>> candidate_;
  bool at_hand_;        // a password of an earlier module that was not asked for yet
  bool typed_ = false;  // the person was asked for his password
  bool face_matched_ = false, password_right_ = false, password_tried_ = false, intent_shown_ = false;
};

// The keeper answers a little before the module stops waiting.
milliseconds time_for(std::uint32_t asked_ms, milliseconds own) {
  constexpr milliseconds kHeadStart{50};
  const milliseconds wanted = asked_ms == 0 ? own : std::min(milliseconds(asked_ms), own);
  return std::max(wanted, milliseconds(limits::kTimeoutMinMs)) - kHeadStart;
}

struct Judged {
  Judgement judgement;
  std::optional<Joining> joining{};
};

asio::awaitable<Judged> judge_user(Keeper& keeper, Connection& client, const Login& login, const Request& request) {
  Judged result;
  if (const Result<UserSummary> user = registered_user(keeper, request)) {
    LoginTalk talk(keeper, client, login, *user);
    result.judgement = co_await talk.run();
    result.joining = talk.take_joining();
  } else if (user.error().code == Errc::not_found) {
    result.judgement.refused(Verdict::not_enrolled, false);
  } else {
    log::error(user.error().message, {{"FACEAUTH_USER", request.subject}});
  }
  co_return result;
}

// Who is recognised logs in as if he had given his name, with fresh frames, in the time that is left.
asio::awaitable<Judged> judge_whoever(Keeper& keeper, Connection& client, Login& login, Request& request) {
  Judged result;
  const Recognised seen = co_await recognise(keeper, client, login, request);
  if (seen.user) {
    result = co_await judge_user(keeper, client, login, request);
    result.judgement.judged = true;  // whatever kept him out: a face was compared
  } else {
    result.judgement = seen.judgement;
  }
  count_recognition(keeper, result.judgement);
  co_return result;
}

// Of somebody who gave no name and is not let in it is not said who he is, nor that he is anybody.
wire::VerdictBody told(const Request& request, const Judgement& judgement, wire::Text news, bool nameless) {
  if (!nameless || judgement.verdict == Verdict::match)
    return {judgement.verdict, as_text(request.subject), judgement.judged, news};
  return {request.subject.empty() ? judgement.verdict : Verdict::no_match, {}, judgement.judged, {}};
}

asio::awaitable<bool> serve_login(Keeper& keeper, Connection& client, Request request, bool nameless) {
  wire::AuthBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin) || (nameless && begin.user.size > 0)) co_return false;
  const bool may_tell = begin.may_tell;
  const std::shared_ptr<const Config> config = keeper.config;
  Login login{as_string(begin.service),
              as_string(begin.tty),
              as_string(begin.rhost),
              {},
              false,
              begin.password_at_hand,
              begin.may_prompt,
              {}};
  const ServicePolicy& policy = config->service(login.service);
  login.demand = join(policy, begin.factors, begin.intent);
  login.remote_allowed = policy.remote_allowed;
  if (policy.after_lock.count() > 0)
    login.lock_wait = std::max(milliseconds{0}, policy.after_lock - age_of(client.peer()));
  login.timeout = time_for(begin.timeout_ms, login.lock_wait + time_to_look(*config, login.demand.intent));
  if (!co_await client.send(wire::Type::ack, wire::Ack{static_cast<std::uint32_t>(login.timeout.count())}))
    co_return false;

  Judged result;
  Judgement& judgement = result.judgement;
  if (login.demand.factors == Factors::none)
    judgement.refused(Verdict::not_allowed, false);
  else if (nameless)
    result = co_await judge_whoever(keeper, client, login, request);
  else
    result = co_await judge_user(keeper, client, login, request);
  log_verdict(keeper, client, request, login, judgement);
  record_login(keeper, client, request, login, judgement);
  if (judgement.client_left) co_return false;
  const News news = news_for(keeper, client, request, may_tell && judgement.verdict == Verdict::match);
  const wire::VerdictBody verdict = told(request, judgement, as_text(news.line), nameless);
  if (!co_await client.send(wire::Type::verdict, verdict)) co_return false;
  if (result.joining) adapt(keeper, client, request, result.joining->registration, *result.joining->face);
  co_return co_await until_told(keeper, client, request.subject, news);
}

}  // namespace

asio::awaitable<bool> handle_auth(Keeper& keeper, Connection& client, Request request) {
  co_return co_await serve_login(keeper, client, std::move(request), false);
}

asio::awaitable<bool> handle_auth_identify(Keeper& keeper, Connection& client, Request request) {
  co_return co_await serve_login(keeper, client, std::move(request), true);
}

}  // namespace faceauth
