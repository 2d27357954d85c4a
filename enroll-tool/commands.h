// The verbs. Each is one file; each ends with the exit code and has then told its outcome.
#pragma once

#include <enroll-tool/exit_codes.h>
#include <enroll-tool/graphics.h>
#include <enroll-tool/output.h>

#include <cstdint>
#include <string>
#include <vector>

namespace faceauth::enroll {

struct Context {
  std::string socket;
  Output out;
};

struct EnrollOptions {
  std::string user, label;
  std::vector<std::string> images;  // none: the camera
  bool password_stdin = false;
  bool force = false;
  bool events = false, pictures = false;
  Graphics graphics = Graphics::none;  // none: what the terminal can do
};
Exit run_enroll(const Context& context, const EnrollOptions& options);

struct PreviewOptions {
  bool pictures = false;
  Graphics graphics = Graphics::none;
};
Exit run_preview(const Context& context, const PreviewOptions& options);

struct PasswdOptions {
  std::string user;
  bool password_stdin = false;
};
Exit run_passwd(const Context& context, const PasswdOptions& options);

struct ListOptions {
  std::string user;  // empty: everybody for root, oneself for others
};
Exit run_list(const Context& context, const ListOptions& options);

struct RemoveOptions {
  std::string user, label;
  bool password_stdin = false;
};
Exit run_remove(const Context& context, const RemoveOptions& options);

struct UnlockOptions {
  std::string user;
};
Exit run_unlock(const Context& context, const UnlockOptions& options);

struct VerifyOptions {
  std::string user;
  std::vector<std::string> images;  // none: the camera
  bool password_stdin = false;
};
Exit run_verify(const Context& context, const VerifyOptions& options);

struct IdentifyOptions {
  std::vector<std::string> images;
};
Exit run_identify(const Context& context, const IdentifyOptions& options);

Exit run_status(const Context& context);
Exit run_cameras(const Context& context);

struct DoctorOptions {
  std::string config;  // the daemon's, to be looked at too
  std::string bundle;  // a file to be made; empty: none
  bool no_camera = false;
};
// Needs no daemon: that there is none is one of its findings.
Exit run_doctor(const Output& out, const DoctorOptions& options);

struct ImportOptions {
  std::string path;  // a file or a folder; empty: where Howdy keeps them
  std::string user;  // whose file it is; empty: by its name
};
Exit run_import_howdy(const Context& context, const ImportOptions& options);

struct LogOptions {
  std::string user, service;  // empty user: everybody for root, oneself for others
  std::string since, until;   // as typed: see moment()
  std::string verdict;        // how it ended: a verdict's or an error's name, or "done"
  std::uint64_t last = 0;     // only so many, the latest ones; 0: all
  bool failed = false;
  bool verify = false;  // prove the ledger instead of showing it
};
Exit run_log(const Context& context, const LogOptions& options);

struct RekeyOptions {
  std::string credential;  // the sealed file in force; empty: systemd's place for it
  std::string with_key;    // systemd-creds' --with-key=; empty: auto
  bool settle = false;
};
Exit run_rekey(const Context& context, const RekeyOptions& options);

struct BackupOptions {
  std::string file;
  bool passphrase_stdin = false;
};
Exit run_backup(const Context& context, const BackupOptions& options);

struct RestoreOptions {
  std::string file;
  bool passphrase_stdin = false;
  bool merge = false, replace = false;  // neither: only into a store without users
  bool skip_unknown = false, adopt_uids = false;
};
Exit run_restore(const Context& context, const RestoreOptions& options);

// Empty user: everybody for root, oneself for others.
struct SwitchOptions {
  std::string user;
  bool password_stdin = false;  // enable only
};
Exit run_disable(const Context& context, const SwitchOptions& options);
Exit run_enable(const Context& context, const SwitchOptions& options);

}  // namespace faceauth::enroll
