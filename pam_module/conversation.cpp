#include <pam_module/channel.h>
#include <pam_module/conversation.h>
#include <pam_module/person/terminal.h>
#include <pam_module/person/words.h>

#include <security/pam_ext.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace faceauth::pam {
namespace {

wire::Text text_of(const char* s) noexcept { return s == nullptr ? wire::Text{} : wire::Text{s, std::strlen(s)}; }

// Only for what describes the peer: a user or service whose name is too long is an error.
wire::Text cut(wire::Text t, std::size_t max) noexcept { return {t.data, t.size < max ? t.size : max}; }

struct Login {
  pam_handle_t* pamh;
  const Options& options;
  Channel& channel;
  Terminal& terminal;
  bool silent, at_hand, nameless;  // at_hand: PAM_AUTHTOK of an earlier module, not used yet
  const char *service, *tty;
  bool scanned = false, password_given = false, left = false;  // left: the person, for a password or for good
  wire::Typing typing = wire::Typing::not_offered;
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
    if (*text == '\0') return;
    if (!terminal.taken()) return (void)converse(PAM_TEXT_INFO, nullptr, text);
    char prompt[200];
    std::snprintf(prompt, sizeof prompt, translated("%s, or type your password: "), text);
    terminal.show(prompt);
  }

  // A prompt is a question, and sudo silences all else. With a password in PAM_AUTHTOK there is nothing to type.
  void begin_scan() noexcept {
    const bool new_to_next = typing == wire::Typing::next_module && item(pamh, PAM_AUTHTOK).size == 0;
    const bool offered = (typing == wire::Typing::judged_here || new_to_next) && !options.use_first_pass;
    char text[200];
    if (offered && !options.quiet && terminal.take(tty)) {
      std::snprintf(text, sizeof text, translated("Look at the camera for %s, or type your password: "), service);
      terminal.show(text);
    } else if (!silent) {
      std::snprintf(text, sizeof text, translated("Looking for your face for %s…"), service);
      inform(text);
    }
  }

  void pass_on(const wire::NoticeBody& notice) noexcept {
    const auto issue = static_cast<FaceIssue>(notice.detail);
    if (notice.code == wire::Notice::scanning && !scanned) {
      scanned = true, typing = static_cast<wire::Typing>(notice.detail);
      begin_scan();
    } else if (notice.code == wire::Notice::frame_issue && issue != hinted && now_ms() - hinted_at >= kHintEveryMs) {
      hinted = issue, hinted_at = now_ms();
      if (!silent) inform(words(issue));
    } else if (notice.code == wire::Notice::movement && !(silent && notice.detail == 0)) {
      inform(words(static_cast<Movement>(notice.detail)));  // also when silent: only the way back can be guessed
    }
  }

  // Until the keeper speaks. The first character ends the scan; the line then is what the next module, or a second
  // request, finds in PAM_AUTHTOK.
  Errc watch_keys() noexcept {
    if (!terminal.taken()) return Errc::ok;
    const Terminal::Woke woke = terminal.wait(channel.descriptor(), channel.deadline());
    if (woke == Terminal::Woke::other) return Errc::ok;
    channel.close();
    left = true;
    password_given = woke == Terminal::Woke::typing && terminal.read_line() &&
                     pam_set_item(pamh, PAM_AUTHTOK, terminal.line()) == PAM_SUCCESS;
    terminal.wipe();
    return Errc::cancelled;
  }

  // Who asks is named: a program in the background must not get the answer meant for another.
  Errc answer(const wire::Ask& ask) noexcept {
    const bool enter = ask.kind == wire::Asks::enter, first = !enter && at_hand, by_name = enter && nameless;
    char prompt[limits::kServiceMax + wire::kAskerMax + 140], *typed = nullptr;
    if (enter)
      std::snprintf(prompt, sizeof prompt,
                    translated(by_name ? N_("Press Enter to use your face for %s (%.*s), anything else for your name: ")
                                       : N_("Press Enter to use your face for %s (%.*s), or type your password: ")),
                    service, static_cast<int>(ask.asker.size), ask.asker.data);
    else
      std::snprintf(prompt, sizeof prompt, "%s", translated("Password: "));
    const bool asked = !first && !options.use_first_pass &&
                       converse(PAM_PROMPT_ECHO_OFF, &typed, prompt) == PAM_SUCCESS && typed != nullptr;
    const wire::Text password = first ? item(pamh, PAM_AUTHTOK) : text_of(typed);
    if (asked && password.size > 0 && !by_name) pam_set_item(pamh, PAM_AUTHTOK, typed);  // for the modules after us
    wire::Answer reply;
    if ((first || asked) && !by_name && password.size > 0 && password.size <= limits::kPasswordMax) {
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

  Errc listen(wire::Text user, Outcome& out) noexcept {
    for (unsigned asks = 0, notices = 0;;) {
      wire::Type type{};
      Bytes body;
      if (const Errc e = watch_keys(); e != Errc::ok) return e;
      if (const Errc e = channel.receive(type, body); e != Errc::ok) return e;
      if (type != wire::Type::notice) terminal.release();
      Reader r(body.data, body.size);
      wire::NoticeBody notice;
      wire::Ask ask;
      wire::VerdictBody said;
      if (type == wire::Type::notice && wire::decode(r, notice) && ++notices <= kNoticesMax) {
        pass_on(notice);
      } else if (type == wire::Type::ask && wire::decode(r, ask) && ++asks <= kAsksMax) {
        if (const Errc e = answer(ask); e != Errc::ok) return e;
      } else if (type == wire::Type::verdict && wire::decode(r, said)) {
        const bool match = said.verdict == Verdict::match, names = match && nameless;
        const bool same = said.user.size == user.size && std::memcmp(said.user.data, user.data, user.size) == 0;
        if ((names ? said.user.size == 0 : !same) || (match && !said.judged)) return Errc::protocol;
        std::memcpy(out.user, said.user.data, said.user.size);  // decode() bounds it
        out.verdict = said.verdict;
        if (match) tell(pamh, silent, channel, said.news);
        return Errc::ok;
      } else {
        return Errc::protocol;
      }
    }
  }
};

Outcome consult(pam_handle_t* pamh, const Options& options, bool silent, wire::Text user, Terminal& terminal,
                Factors factors, bool at_hand, bool may_prompt) noexcept {
  Channel channel(options.timeout_ms);
  const wire::Text service = item(pamh, PAM_SERVICE), tty = item(pamh, PAM_TTY);
  Login login{pamh, options, channel, terminal, silent, at_hand, user.size == 0, service.data, tty.data};
  wire::AuthBegin question{user, service, cut(tty, limits::kTtyMax), cut(item(pamh, PAM_RHOST), limits::kHostMax)};
  question.factors = factors, question.intent = options.intent, question.timeout_ms = options.timeout_ms;
  question.password_at_hand = at_hand, question.may_prompt = may_prompt, question.may_tell = !silent;
  const wire::Type asked = login.nameless ? wire::Type::auth_identify : wire::Type::auth_begin;
  Outcome out{channel.open(options.socket)};
  if (out.error == Errc::ok) out.error = channel.request(asked, question);
  if (out.error == Errc::ok) out.error = login.listen(user, out);
  terminal.release();
  out.by_face_alone = login.scanned && !login.password_given;
  out.by_person = login.left;
  out.typed_for_us = login.left && login.password_given && login.typing == wire::Typing::judged_here;
  return out;
}

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
  const std::size_t first = options.try_first_pass || options.use_first_pass ? item(pamh, PAM_AUTHTOK).size : 0;
  Terminal terminal;
  const bool at_hand = first > 0 && first <= limits::kPasswordMax;
  Outcome out = consult(pamh, options, silent, user, terminal, options.factors, at_hand, !options.use_first_pass);
  return out.typed_for_us ? consult(pamh, options, silent, user, terminal, Factors::password, true, false) : out;
}

}  // namespace faceauth::pam
