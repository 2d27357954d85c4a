// enroll-tool: registers faces with the daemon and asks it questions. All authority lies with the daemon.
#include <enroll-tool/commands.h>
#include <enroll-tool/login.h>
#include <enroll-tool/nearest.h>
#include <enroll-tool/socket_path.h>
#include <faceauth/limits.h>
#include <faceauth/version.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>

namespace {

using namespace faceauth;
using namespace faceauth::enroll;

// Everything the command line can say.
struct CommandLine {
  std::string config = kDefaultConfig;
  Output out;
  std::string user, label;
  std::vector<std::string> images;
  bool password_stdin = false, force = false;
  bool events = false, pictures = false;
  std::string graphics = "auto";
  LogOptions log;
  RekeyOptions rekey;
  BackupOptions backup;
  RestoreOptions restore;
  LoginOptions login;
  DoctorOptions doctor;
  ImportOptions import;
  bool without_daemon = false;  // the verb has no business with it, so that its configuration may be broken
  std::function<Exit(const Context&)> run;
};

std::string check_name(const std::string& name) {
  if (name.empty()) return "a user name cannot be empty";
  return name.size() > limits::kUserNameMax ? "the user name is too long" : "";
}

std::string check_label(const std::string& label) {
  if (label.empty()) return "a label cannot be empty";
  return label.size() > limits::kLabelMax ? fmt::format("a label has at most {} bytes", limits::kLabelMax) : "";
}

std::string check_count(const std::string& count) {
  const bool digits =
      !count.empty() && std::all_of(count.begin(), count.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool some = count.find_first_not_of('0') != std::string::npos;
  return digits && some && count.size() <= 18 ? "" : count + " is no number of entries, from 1 on";
}

CLI::App* add_verb(CLI::App& app, CommandLine& line, const char* name, const char* help,
                   std::function<Exit(const Context&)> run) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->fallthrough();
  verb->parse_complete_callback([&line, run = std::move(run)] { line.run = run; });
  return verb;
}

CLI::Option* add_user(CLI::App* verb, CommandLine& line) {
  return verb->add_option("USER", line.user, "the user's name")->check(CLI::Validator(check_name, ""));
}
void add_label(CLI::App* verb, CommandLine& line, const char* help) {
  verb->add_option("--label", line.label, help)->check(CLI::Validator(check_label, ""));
}
void add_images(CLI::App* verb, CommandLine& line) {
  verb->add_option("--image", line.images, "a photo instead of the camera; may be repeated (root)")
      ->allow_extra_args(false);
}
void add_password_stdin(CLI::App* verb, CommandLine& line, const char* help) {
  verb->add_flag("--password-stdin", line.password_stdin, help);
}

Graphics graphics_of(const std::string& name) {
  if (name == "kitty") return Graphics::kitty;
  if (name == "sixel") return Graphics::sixel;
  if (name == "blocks") return Graphics::blocks;
  return name == "blocks-256" ? Graphics::blocks_256 : Graphics::none;
}
CLI::Option* add_graphics(CLI::App* verb, CommandLine& line) {
  verb->add_option("--graphics", line.graphics, "how the terminal shows pictures")
      ->check(CLI::IsMember({"auto", "kitty", "sixel", "blocks", "blocks-256"}))
      ->capture_default_str();
  return verb->add_flag("--pictures", line.pictures, "the pictures too, in the events");
}

void add_registering(CLI::App& app, CommandLine& line) {
  CLI::App* enroll = add_verb(app, line, "enroll", "register a user from photos or the camera", [&](const Context& c) {
    return run_enroll(c, {line.user, line.label, line.images, line.password_stdin, line.force, line.events,
                          line.pictures, graphics_of(line.graphics)});
  });
  add_user(enroll, line)->required();
  add_images(enroll, line);
  add_label(enroll, line, "a name for these templates");
  add_password_stdin(enroll, line, "read the password to set (root), or your own, from standard input");
  enroll->add_flag("--force", line.force, "accept a face that also matches another user");
  CLI::Option* events = enroll->add_flag("--events", line.events, "a JSON object a line for all that happens");
  add_graphics(enroll, line)->needs(events);

  CLI::App* passwd = add_verb(app, line, "passwd", "set a user's password", [&](const Context& c) {
    return run_passwd(c, {line.user, line.password_stdin});
  });
  add_user(passwd, line)->required();
  add_password_stdin(passwd, line, "read it from standard input; unless root, after a line with the present one");

  CLI::App* remove = add_verb(app, line, "remove", "remove a user or some templates", [&](const Context& c) {
    return run_remove(c, {line.user, line.label, line.password_stdin});
  });
  add_user(remove, line)->required();
  add_label(remove, line, "only the templates of this name");
  add_password_stdin(remove, line, "unless root, read your own password from standard input");
}

void add_asking(CLI::App& app, CommandLine& line) {
  CLI::App* list =
      add_verb(app, line, "list", "show who is registered", [&](const Context& c) { return run_list(c, {line.user}); });
  add_user(list, line);
  CLI::App* verify = add_verb(app, line, "verify", "what a login would decide, and why", [&](const Context& c) {
    return run_verify(c, {line.user, line.images, line.password_stdin});
  });
  add_user(verify, line)->required();
  add_images(verify, line);
  add_password_stdin(verify, line, "check the password on standard input too");
  CLI::App* identify =
      add_verb(app, line, "identify", "who is this?", [&](const Context& c) { return run_identify(c, {line.images}); });
  add_images(identify, line);
  CLI::App* preview = add_verb(app, line, "preview", "what the camera sees, and what to change", [&](const Context& c) {
    return run_preview(c, {line.pictures, graphics_of(line.graphics)});
  });
  add_graphics(preview, line);
  add_verb(app, line, "cameras", "which cameras there are, and which one logins use",
           [](const Context& c) { return run_cameras(c); });
  add_verb(app, line, "status", "how the daemon fares", [](const Context& c) { return run_status(c); });
}

void add_ledger(CLI::App& app, CommandLine& line) {
  CLI::App* log =
      add_verb(app, line, "log", "who asked for whose face or password, and what came of it", [&](const Context& c) {
        line.log.user = line.user;
        return run_log(c, line.log);
      });
  CLI::Option* user =
      log->add_option("--user,USER", line.user, "the user's name")->check(CLI::Validator(check_name, ""));
  CLI::Option* since = log->add_option("--since", line.log.since,
                                       "from this time on: 30m, 12h, 7d, 2024-05-01 or 2024-05-01T12:00:00Z (UTC)");
  CLI::Option* until = log->add_option("--until", line.log.until, "up to this time, written likewise");
  CLI::Option* service = log->add_option("--service", line.log.service, "only this PAM service");
  CLI::Option* failed = log->add_flag("--failed", line.log.failed, "only what did not end well");
  CLI::Option* verdict =
      log->add_option("--verdict", line.log.verdict, "only what ended so: match, no-match, not-live, done, ...");
  CLI::Option* last =
      log->add_option("--last", line.log.last, "only so many, the latest")->check(CLI::Validator(check_count, ""));
  CLI::Option* verify = log->add_flag("--verify", line.log.verify, "prove that no entry was cut or changed (root)");
  for (CLI::Option* narrowing : {user, since, until, service, failed, verdict, last}) verify->excludes(narrowing);
}

void add_doctor(CLI::App& app, CommandLine& line) {
  CLI::App* verb =
      add_verb(app, line, "doctor", "what keeps face login from working, and what mends it", [&line](const Context& c) {
        line.doctor.config = line.config;
        return run_doctor(c.out, line.doctor);
      });
  verb->add_option("--bundle", line.doctor.bundle, "write a report for a support thread into this new file");
  verb->add_flag("--no-camera", line.doctor.no_camera, "leave the camera off");
  verb->preparse_callback([&line](std::size_t) { line.without_daemon = true; });
}

void add_import(CLI::App& app, CommandLine& line) {
  CLI::App* verb = add_verb(app, line, "import-howdy", "bring Howdy's models over, to be completed by a scan (root)",
                            [&](const Context& c) { return run_import_howdy(c, line.import); });
  verb->add_option("PATH", line.import.path, "USER.dat, or the folder of such files; else where Howdy keeps them");
  verb->add_option("--user", line.import.user, "whose file it is, where its name does not say so")
      ->check(CLI::Validator(check_name, ""));
}

void add_keys(CLI::App& app, CommandLine& line) {
  CLI::App* rekey = add_verb(app, line, "rekey", "change the master key (root)",
                             [&](const Context& c) { return run_rekey(c, line.rekey); });
  rekey->add_option("--credential", line.rekey.credential, "the sealed credential, if it lies in a place of its own");
  rekey->add_option("--with-key", line.rekey.with_key, "what seals it: systemd-creds' --with-key (auto)")
      ->check(CLI::IsMember({"auto", "host", "tpm2", "host+tpm2"}));  // "null" would be no seal at all
  rekey->add_flag("--settle", line.rekey.settle, "end an unfinished change: the sealed key in force stays alone");

  CLI::App* backup = add_verb(app, line, "backup", "save everybody into a file, under a passphrase (root)",
                              [&](const Context& c) { return run_backup(c, line.backup); });
  backup->add_option("FILE", line.backup.file, "the file to write")->required();
  backup->add_flag("--passphrase-stdin", line.backup.passphrase_stdin, "read the passphrase from standard input");

  CLI::App* restore = add_verb(app, line, "restore", "bring users back from a backup (root)",
                               [&](const Context& c) { return run_restore(c, line.restore); });
  restore->add_option("FILE", line.restore.file, "what backup wrote")->required();
  restore->add_flag("--passphrase-stdin", line.restore.passphrase_stdin, "read the passphrase from standard input");
  CLI::Option* merge = restore->add_flag("--merge", line.restore.merge, "keep who is registered here as he is");
  restore->add_flag("--replace", line.restore.replace, "give up who is registered here")->excludes(merge);
  restore->add_flag("--skip-unknown", line.restore.skip_unknown, "leave out whom this system does not know");
  restore->add_flag("--adopt-uids", line.restore.adopt_uids, "users with another uid here are the same people");
}

void add_switches(CLI::App& app, CommandLine& line) {
  CLI::App* unlock =
      add_verb(app, line, "unlock", "end a lockout", [&](const Context& c) { return run_unlock(c, {line.user}); });
  add_user(unlock, line)->required();
  CLI::App* disable = add_verb(app, line, "disable", "faces off at once, passwords only", [&](const Context& c) {
    return run_disable(c, {line.user, false});
  });
  add_user(disable, line);
  CLI::App* enable = add_verb(app, line, "enable", "faces on again", [&](const Context& c) {
    return run_enable(c, {line.user, line.password_stdin});
  });
  add_user(enable, line);
  add_password_stdin(enable, line, "unless root, read your own password from standard input");
}

CLI::App* add_login_verb(CLI::App& login, CommandLine& line, const char* name, const char* help,
                         Exit (*run)(const Output&, const LoginOptions&, const pam::Tree&)) {
  CLI::App* verb =
      add_verb(login, line, name, help, [&line, run](const Context& c) { return run(c.out, line.login, {}); });
  verb->add_option("SERVICE", line.login.service, "a file of /etc/pam.d");
  return verb;
}

void add_login(CLI::App& app, CommandLine& line) {
  CLI::App* login = app.add_subcommand("login", "face login for single PAM services: status, enable, disable");
  login->fallthrough();
  login->require_subcommand(1);
  login->parse_complete_callback([&line] { line.without_daemon = true; });
  add_login_verb(*login, line, "status", "which services have it, and what is wrong", run_login_status);
  CLI::App* enable = add_login_verb(*login, line, "enable", "put it into a service's file (root)", run_login_enable);
  enable->get_option("SERVICE")->required();
  enable->add_option("--mode", line.login.mode, "face-first, enter or face+password")->capture_default_str();
  CLI::App* disable = add_login_verb(*login, line, "disable", "take it out again (root)", run_login_disable);
  CLI::Option* all = disable->add_flag("--all", line.login.all, "every service that enable has changed");
  disable->get_option("SERVICE")->excludes(all);
  for (CLI::App* verb : {enable, disable})
    verb->add_flag("--dry-run", line.login.dry_run, "show the change, make none");
}

void describe(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", fmt::format("enroll-tool {}", kVersionText));
  app.add_option("--config", line.config, "the daemon's configuration; tells its socket")->capture_default_str();
  app.add_flag("--json", line.out.json, "one JSON object on standard output, nothing else");
  app.add_flag("--quiet", line.out.quiet, "no guidance and no word of success");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  add_registering(app, line);
  add_asking(app, line);
  add_switches(app, line);
  add_ledger(app, line);
  add_doctor(app, line);
  add_import(app, line);
  add_keys(app, line);
  add_login(app, line);
}

// Parsing may have stopped before --json was reached.
bool wants_json(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--json") == 0) return true;
  return false;
}

// The word that stands where a verb of `app` should; nothing when there is none.
std::string word_instead_of_verb(const std::vector<std::string>& remaining, const CLI::App& app) {
  for (std::size_t i = 0; i < remaining.size(); ++i) {
    const std::string& word = remaining[i];
    if (word == "--config" || word == "--mode")
      ++i;
    else if (word == app.get_name())
      continue;
    else if (!word.starts_with('-'))
      return word;
  }
  return "";
}

// What went wrong with the command line, for a person. CLI11 does not name a verb that it does not know.
std::string words_of(const CLI::ParseError& error, const CLI::App& app, const std::vector<std::string>& words) {
  const auto chosen = app.get_subcommands();
  const CLI::App& at = chosen.empty() ? app : *chosen.front();
  const auto any = [](const CLI::App*) { return true; };
  const bool wants_verb = at.get_require_subcommand_min() > 0 && at.get_subcommands().empty();
  const std::string word = wants_verb ? word_instead_of_verb(words, at) : "";
  if (word.empty()) return error.what();
  std::vector<std::string> verbs;
  for (const CLI::App* verb : at.get_subcommands(any)) verbs.push_back(verb->get_name());
  const std::string near = nearest(word, verbs);
  return fmt::format("there is no verb \"{}\"{}", word, near.empty() ? "" : fmt::format("; is \"{}\" meant?", near));
}

Exit run(int argc, char** argv) {
  CommandLine line;
  line.out.colour = colour_wanted();
  CLI::App app("Registers faces with faced and asks it questions.", "enroll-tool");
  describe(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {  // --help, --version
    app.exit(e);
    return Exit::ok;
  } catch (const CLI::ParseError& e) {
    line.out.json = wants_json(argc, argv);
    return line.out.failed(
        {Errc::invalid_argument, fmt::format("{} (--help tells more)", words_of(e, app, {argv + 1, argv + argc}))});
  }
  if (line.without_daemon) return line.run(Context{"", line.out});
  const Result<std::string> socket = socket_path(line.config);
  if (!socket) return line.out.failed(socket.error());
  return line.run(Context{*socket, line.out});
}

}  // namespace

int main(int argc, char** argv) {
  // A core file could hold a password, and so could another program of this user that looks into this one's memory.
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  Exit result = Exit::internal;
  try {
    result = run(argc, argv);
  } catch (const std::exception& e) {
    Output out;
    out.json = wants_json(argc, argv);
    result = out.failed({Errc::internal, fmt::format("internal error: {}", e.what())});
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fputs("enroll-tool: standard output could not be written\n", stderr);
    return static_cast<int>(Exit::internal);
  }
  return static_cast<int>(result);
}
