// The words after pam_faceauth.so in a PAM service file.
#pragma once

#include <faceauth/verdict.h>

#include <security/pam_modules.h>

#include <cstdint>

namespace faceauth::pam {

struct Options {
  const char* socket = "/run/faceauth/faced.sock";  // borrows argv, which libpam keeps as long as the handle
  std::uint32_t timeout_ms = 0;                     // 0: the keeper's own
  Factors factors = Factors::unset;
  Intent intent = Intent::unset;
  bool try_first_pass = false, use_first_pass = false;  // the latter never asks a person
  bool quiet = false, debug = false, report = false, identify = false;
  bool use_authtok = false;  // says what pam_sm_chauthtok always does
};

// False, with a line in the log, on anything unknown or malformed: a misspelt restriction must not be a missing one.
[[nodiscard]] bool parse_options(pam_handle_t* pamh, int argc, const char** argv, Options& out) noexcept;

}  // namespace faceauth::pam
