// Face login for single PAM services: plan, apply, verify, and back if that fails.
#pragma once

#include <enroll-tool/exit_codes.h>
#include <enroll-tool/output.h>
#include <enroll-tool/pam_files.h>

#include <string>

namespace faceauth::enroll {

struct LoginOptions {
  std::string service;  // status: empty means all
  std::string mode = "face-first";
  bool dry_run = false;
  bool all = false;  // disable: every service that enable has changed
};

Exit run_login_status(const Output& out, const LoginOptions& options, const pam::Tree& tree = {});
Exit run_login_enable(const Output& out, const LoginOptions& options, const pam::Tree& tree = {});
Exit run_login_disable(const Output& out, const LoginOptions& options, const pam::Tree& tree = {});

}  // namespace faceauth::enroll
