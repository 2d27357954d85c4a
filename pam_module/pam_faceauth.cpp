// What libpam calls. Every call opens a connection of its own and leaves nothing behind.
#include <pam_module/channel.h>
#include <pam_module/conversation.h>
#include <pam_module/person/words.h>

#include <security/pam_ext.h>
#include <syslog.h>
#include <unistd.h>

#include <cstring>
#define FACEAUTH_PAM_ENTRY extern "C" __attribute__((visibility("default"))) int

namespace faceauth::pam {
namespace {

// By Verdict, what PAM is told. A match is granted before anybody looks here; no table holds PAM_SUCCESS.
constexpr int kCodes[] = {PAM_SYSTEM_ERR,       PAM_SYSTEM_ERR,       PAM_AUTH_ERR,         PAM_AUTH_ERR,
                          PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_USER_UNKNOWN,
                          PAM_MAXTRIES,         PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL,
                          PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL};
static_assert(sizeof kCodes / sizeof *kCodes == kVerdictLast + 1);

bool could_not_judge(Errc e) noexcept {
  return e == Errc::unreachable || e == Errc::timed_out || e == Errc::busy || e == Errc::cancelled ||
         e == Errc::camera_unavailable || e == Errc::eye_failed || e == Errc::unsafe_path || e == Errc::not_permitted ||
         e == Errc::unsupported || e == Errc::camera_dark || e == Errc::camera_busy;
}
int login_code(Errc e) noexcept {
  if (e == Errc::not_found) return PAM_USER_UNKNOWN;
  if (e == Errc::locked_out) return PAM_MAXTRIES;
  return could_not_judge(e) ? PAM_AUTHINFO_UNAVAIL : PAM_SYSTEM_ERR;
}
int change_code(Errc e) noexcept {
  if (e == Errc::wrong_password) return PAM_AUTHTOK_RECOVERY_ERR;
  if (e == Errc::not_permitted) return PAM_PERM_DENIED;
  return could_not_judge(e) || e == Errc::locked_out ? PAM_TRY_AGAIN : PAM_AUTHTOK_ERR;
}

void log_error(pam_handle_t* pamh, const Options& options, Errc error) noexcept {
  const char* why = error == Errc::unsafe_path ? "the server runs as a user that is not trusted" : errc_name(error);
  pam_syslog(pamh, LOG_ERR, "%s: %s", options.socket, why);
}

Errc keep_in_step(Channel& channel, const char* socket, wire::Text user, wire::Text old, wire::Text fresh) noexcept {
  wire::Empty done;
  Errc e = channel.open(socket);
  if (::geteuid() != 0) {  // the keeper believes root, as passwd does; anybody else shows the old password
    if (e == Errc::ok) e = channel.request(wire::Type::prove_password, wire::ProvePassword{user, old});
    if (e == Errc::ok) e = channel.expect(wire::Type::done, done);
  }
  if (e == Errc::ok) e = channel.request(wire::Type::set_password, wire::SetPassword{user, fresh, true});
  return e == Errc::ok ? channel.expect(wire::Type::done, done) : e;
}

// Not null: `report` must not speak of an unread PAM_AUTHTOK beside our grant, nor wait again for a silent keeper.
constexpr const char* kMute = "faceauth_mute";

// Tells the keeper what password another module accepted. Such a line decides nothing: `optional` ignores any code but
// success beside modules that succeeded, and could-not-judge is the one that faillock does not count.
int report_password(pam_handle_t* pamh, const Options& options, bool silent) noexcept {
  const void* mute = nullptr;
  pam_get_data(pamh, kMute, &mute);
  if (item(pamh, PAM_AUTHTOK).size == 0 || mute != nullptr) return PAM_AUTHINFO_UNAVAIL;
  Channel channel(options.timeout_ms);
  Errc e = channel.open(options.socket);
  if (e == Errc::ok)
    e = channel.request(wire::Type::report, wire::Report{item(pamh, PAM_USER), item(pamh, PAM_AUTHTOK), !silent});
  wire::Reported said;
  if (e == Errc::ok) e = channel.expect(wire::Type::reported, said);
  if (e == Errc::ok) tell(pamh, silent, channel, said.news), e = said.outcome;
  if (e != Errc::ok && (options.debug || e != Errc::not_found)) log_error(pamh, options, e);
  return PAM_AUTHINFO_UNAVAIL;
}

}  // namespace

FACEAUTH_PAM_ENTRY pam_sm_authenticate(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  Options options;
  if (!parse_options(pamh, argc, argv, options)) return PAM_SYSTEM_ERR;
  const wire::Text asker = item(pamh, PAM_SERVICE);  // sddm 0.19 hangs where two messages reach it together
  const bool sddm = asker.size == 4 && std::memcmp(asker.data, "sddm", 4) == 0;
  const bool silent = options.quiet || (flags & PAM_SILENT) != 0 || sddm;
  if (options.report) return report_password(pamh, options, silent);
  const bool nameless = options.identify && item(pamh, PAM_USER).size == 0;
  const char* user = "";  // nameless: of whoever is recognised
  if (!nameless && (pam_get_user(pamh, &user, nullptr) != PAM_SUCCESS || user == nullptr)) return PAM_AUTHINFO_UNAVAIL;
  if ((*user == '\0' && !nameless) || std::strlen(user) > limits::kUserNameMax) return PAM_USER_UNKNOWN;
  pam_set_data(pamh, kMute, nullptr, nullptr);
  const Outcome outcome = log_in(pamh, options, silent, {user, std::strlen(user)});
  int result = login_code(outcome.error);  // PAM_SYSTEM_ERR where there is none
  if (outcome.error != Errc::ok) {
    if (!outcome.by_person) log_error(pamh, options, outcome.error);
    if (outcome.error == Errc::timed_out) pam_set_data(pamh, kMute, pamh, nullptr);
  } else if (outcome.verdict == Verdict::match) {
    const bool marked = item(pamh, PAM_AUTHTOK).size == 0 || pam_set_data(pamh, kMute, pamh, nullptr) == PAM_SUCCESS;
    const bool named = !nameless || pam_set_item(pamh, PAM_USER, outcome.user) == PAM_SUCCESS;
    result = marked && named ? PAM_SUCCESS : PAM_BUF_ERR;  // the only one
    if (outcome.by_face_alone && !silent) pam_info(pamh, "%s", translated("Face recognised"));
  } else {
    result = nameless ? PAM_AUTHINFO_UNAVAIL : kCodes[static_cast<std::uint8_t>(outcome.verdict)];  // nobody is judged
    const char* said = words(outcome.verdict);
    if (!silent && *said != '\0') pam_info(pamh, "%s", said);
  }
  if (options.debug) pam_syslog(pamh, LOG_DEBUG, "%s, code %d", verdict_name(outcome.verdict), result);
  return result;
}

// No credentials are set. Success keeps stacks whole that call setcred without a login (su -, cron); it lets nobody in.
FACEAUTH_PAM_ENTRY pam_sm_setcred(pam_handle_t*, int, int, const char**) { return PAM_SUCCESS; }

FACEAUTH_PAM_ENTRY pam_sm_chauthtok(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  Options options;
  if (!parse_options(pamh, argc, argv, options)) return PAM_SYSTEM_ERR;
  if ((flags & PAM_PRELIM_CHECK) != 0) return PAM_SUCCESS;  // an absent keeper must not stop the change
  const wire::Text user = item(pamh, PAM_USER), fresh = item(pamh, PAM_AUTHTOK);
  if (user.size == 0 || user.size > limits::kUserNameMax) return PAM_USER_UNKNOWN;
  if (fresh.size == 0) return PAM_AUTHTOK_ERR;  // we follow the module that took a new password, never lead
  Channel channel(options.timeout_ms);
  const Errc e = keep_in_step(channel, options.socket, user, item(pamh, PAM_OLDAUTHTOK), fresh);
  if (e == Errc::ok || e == Errc::not_found) return PAM_SUCCESS;
  log_error(pamh, options, e);
  if (!options.quiet && (flags & PAM_SILENT) == 0)
    pam_error(
        pamh,
        translated("faceauth was not told of the new password; if it keeps one of yours, run: enroll-tool passwd %s"),
        user.data);
  return change_code(e);
}

}  // namespace faceauth::pam
