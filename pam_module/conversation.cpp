#include <pam_module/channel.h>
#include <pam_module/conversation.h>

#include <security/pam_ext.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace faceauth::pam {
namespace {

// By FaceIssue (a camera's frame is never unreadable or too large), and by Movement.
// clang-format off
constexpr const char* kHints[] = {
    "", "", "", "No face in view", "Only one person, please", "Move closer", "Too dark: more light on your face",
    "Too bright: less light on your face", "Hold still", "Look at the camera", "Move back"};
constexpr const char* kMoves[] = {"Good. Look straight ahead", "Turn your head to the left", "Turn your head to the right",
                                  "Nod", "Close your eyes for a moment"};
// clang-format on
static_assert(sizeof kHints / sizeof *kHints == kFaceIssueLast + 1 &&
              sizeof kMoves / sizeof *kMoves == kMovementLast + 1);

wire::Text text_of(const char* s) noexcept { return s == nullptr ? wire::Text{} : wire::Text{s, std::strlen(s)}; }

// Only for what describes the peer: a user or service whose name is too long is an error.
wire::Text cut(wire::Text t, std::size_t max) noexcept { return {t.data, t.size < max ? t.size : max}; }

struct Login {
  pam_handle_t* pamh;
  const Options& options;
  Channel& channel;
  bool silent, at_hand;  // at_hand: PAM_AUTHTOK of an earlier module, not used yet
  const char* service;
  bool scanned = false, password_given = false;
  FaceIssue hinted = FaceIssue::none;
  std::int64_t hinted_at = -kHintEveryMs;

  // The time a person or his screen takes does not count against the timeout.
  int converse(int style, char** response, const char* text) noexcept {
    const std::int64_t from = now_ms();
    const int result = pam_prompt(pamh, style, response, "%s", text);
    channel.extend(now_ms() - from);
    return result;
  }
  void inform(const char* text) noexcept {
    if (!silent && *text != '\0') converse(PAM_TEXT_INFO, nullptr, text);
  }

  void pass_on(const wire::NoticeBody& notice) noexcept {
    const auto issue = static_cast<FaceIssue>(notice.detail);
    if (notice.code == wire::Notice::scanning && !scanned) {
      scanned = true;
      char text[limits::kServiceMax + 40];
      std::snprintf(text, sizeof text, "Looking for your face for %s…", service);
      inform(text);
    } else if (notice.code == wire::Notice::frame_issue && issue != hinted && now_ms() - hinted_at >= kHintEveryMs) {
      hinted = issue, hinted_at = now_ms();
      inform(kHints[notice.detail]);
    } else if (notice.code == wire::Notice::movement && !(silent && notice.detail == 0)) {
      converse(PAM_TEXT_INFO, nullptr, kMoves[notice.detail]);  // also when silent: only the way back can be guessed
    }
  }

  // Who asks is named: a program in the background must not get the answer meant for another.
  Errc answer(const wire::Ask& ask) noexcept {
    const bool enter = ask.kind == wire::Asks::enter, first = !enter && at_hand;
    char prompt[limits::kServiceMax + wire::kAskerMax + 80] = "Password: ", *typed = nullptr;
    if (enter)
      std::snprintf(prompt, sizeof prompt,
                    "Press Enter to use your face for %s (%.*s), or type your password: ", service,
                    static_cast<int>(ask.asker.size), ask.asker.data);
    const bool asked = !first && !options.use_first_pass &&
                       converse(PAM_PROMPT_ECHO_OFF, &typed, prompt) == PAM_SUCCESS && typed != nullptr;
    const wire::Text password = first ? item(pamh, PAM_AUTHTOK) : text_of(typed);
    if (asked && password.size > 0) pam_set_item(pamh, PAM_AUTHTOK, typed);  // for the modules after us
    wire::Answer reply;
    if ((first || asked) && password.size > 0 && password.size <= limits::kPasswordMax) {
      at_hand = false, password_given = true;
      reply = {wire::Answers::password, password};
    } else if (enter && asked && password.size == 0) {
      reply.kind = wire::Answers::enter;
    }
    const Errc sent = channel.send(wire::Type::answer, reply);
    if (typed != nullptr) ::explicit_bzero(typed, std::strlen(typed));
    std::free(typed);
    return sent;
  }

  Errc listen(wire::Text user, Verdict& verdict) noexcept {
    for (unsigned asks = 0, notices = 0;;) {
      wire::Type type{};
      Bytes body;
      if (const Errc e = channel.receive(type, body); e != Errc::ok) return e;
      Reader r(body.data, body.size);
      wire::NoticeBody notice;
      wire::Ask ask;
      wire::VerdictBody said;
      if (type == wire::Type::notice && wire::decode(r, notice) && ++notices <= kNoticesMax) {
        pass_on(notice);
      } else if (type == wire::Type::ask && wire::decode(r, ask) && ++asks <= kAsksMax) {
        if (const Errc e = answer(ask); e != Errc::ok) return e;
      } else if (type == wire::Type::verdict && wire::decode(r, said)) {
        const bool ours = said.user.size == user.size && std::memcmp(said.user.data, user.data, user.size) == 0;
        if (!ours || (said.verdict == Verdict::match && !said.judged)) return Errc::protocol;
        verdict = said.verdict;
        if (verdict == Verdict::match) tell(pamh, silent, channel, said.news);
        return Errc::ok;
      } else {
        return Errc::protocol;
      }
    }
  }
};

}  // namespace

wire::Text item(pam_handle_t* pamh, int which) noexcept {
  const void* value = nullptr;
  return pam_get_item(pamh, which, &value) == PAM_SUCCESS ? text_of(static_cast<const char*>(value)) : wire::Text{};
}

void tell(pam_handle_t* pamh, bool silent, Channel& channel, wire::Text line) noexcept {
  if (silent || line.size == 0 || pam_info(pamh, "%.*s", static_cast<int>(line.size), line.data) != PAM_SUCCESS) return;
  static_cast<void>(channel.send(wire::Type::finish, wire::Empty{}));
}

Outcome log_in(pam_handle_t* pamh, const Options& options, bool silent, wire::Text user) noexcept {
  Channel channel(options.timeout_ms);
  const wire::Text service = item(pamh, PAM_SERVICE);
  const std::size_t first = options.try_first_pass || options.use_first_pass ? item(pamh, PAM_AUTHTOK).size : 0;
  Login login{pamh, options, channel, silent, first > 0 && first <= limits::kPasswordMax, service.data};
  const wire::Text tty = cut(item(pamh, PAM_TTY), limits::kTtyMax);
  wire::AuthBegin question{user, service, tty, cut(item(pamh, PAM_RHOST), limits::kHostMax), options.factors};
  question.intent = options.intent, question.timeout_ms = options.timeout_ms, question.may_tell = !silent;
  question.password_at_hand = login.at_hand, question.may_prompt = !options.use_first_pass;
  Outcome out{channel.open(options.socket)};
  if (out.error == Errc::ok) out.error = channel.request(wire::Type::auth_begin, question);
  if (out.error == Errc::ok) out.error = login.listen(user, out.verdict);
  out.by_face_alone = login.scanned && !login.password_given;
  return out;
}

}  // namespace faceauth::pam
