#include <pam_module/options.h>

#include <faceauth/limits.h>

#include <security/pam_ext.h>
#include <sys/un.h>
#include <syslog.h>

#include <cstddef>
#include <cstring>

namespace faceauth::pam {
namespace {

// By value, from 1: 0 is `unset`.
constexpr const char* kFactors[] = {"none", "face", "password", "face|password", "face+password"};
constexpr const char* kIntents[] = {"none", "enter", "gesture"};
static_assert(sizeof kFactors / sizeof *kFactors == kFactorsLast && sizeof kIntents / sizeof *kIntents == kIntentLast);

template <class E, std::size_t N>
bool look_up(const char* const (&words)[N], const char* text, E& out) noexcept {
  for (std::size_t i = 0; i < N; ++i)
    if (std::strcmp(words[i], text) == 0) out = static_cast<E>(i + 1);
  return out != E::unset;
}

// Whole seconds in the range of limits.h. Not strtoul, which takes signs, blanks and the locale's digits.
bool seconds(const char* text, std::uint32_t& out_ms) noexcept {
  std::uint32_t s = 0;
  const char* at = text;
  for (; *at >= '0' && *at <= '9' && s < limits::kTimeoutMaxMs; ++at)
    s = s * 10 + static_cast<std::uint32_t>(*at - '0');
  out_ms = s * 1000;
  return *at == '\0' && out_ms >= limits::kTimeoutMinMs && s <= limits::kTimeoutMaxMs / 1000;
}

bool parse_word(const char* word, Options& out) noexcept {
  const auto value = [word](const char* name) {
    return std::strncmp(word, name, std::strlen(name)) == 0 ? word + std::strlen(name) : nullptr;
  };
  if (const char* v = value("timeout=")) return seconds(v, out.timeout_ms);
  if (const char* v = value("factors=")) return look_up(kFactors, v, out.factors = Factors::unset);
  if (const char* v = value("intent=")) return look_up(kIntents, v, out.intent = Intent::unset);
  if (const char* v = value("socket="))
    return *(out.socket = v) == '/' && std::strlen(v) < sizeof(sockaddr_un::sun_path);
  const auto flag = [word](const char* n, bool& set) { return std::strcmp(word, n) == 0 && (set = true); };
  return flag("try_first_pass", out.try_first_pass) || flag("use_first_pass", out.use_first_pass) ||
         flag("use_authtok", out.use_authtok) || flag("quiet", out.quiet) || flag("debug", out.debug) ||
         flag("report", out.report) || flag("identify", out.identify);
}

}  // namespace

bool parse_options(pam_handle_t* pamh, int argc, const char** argv, Options& out) noexcept {
  for (int i = 0; i < argc; ++i) {
    if (parse_word(argv[i], out)) continue;
    pam_syslog(pamh, LOG_ERR, "unknown or malformed option \"%s\" in the PAM configuration: correct it", argv[i]);
    return false;
  }
  return true;
}

}  // namespace faceauth::pam
