#include <enroll-tool/login.h>
#include <enroll-tool/pam_plan.h>
#include <faceauth/limits.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;
using pam::Chain;
using pam::Mode;
using pam::ServiceFile;
using pam::Tree;
using pam::View;

Chain chain_of(const std::string& text, const std::string& service, const Tree& tree) {
  return pam::flatten(pam::parse_file(text), service, pam::reader_of(tree));
}

// A negative answer in words: the request is understood, and the service's file is not one to carry it out on.
Exit refused(const Output& out, const Error& error, const Json& who) {
  const bool content = error.code == Errc::unsupported || error.code == Errc::unsafe_path;
  const Exit exit = out.failed(error, who);
  return content ? Exit::negative : exit;
}

Result<void> check_service(const std::string& service) {
  // libpam hands names on in lower case, and cuts off what comes before a slash.
  const bool plain = std::all_of(service.begin(), service.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '/' && !(c >= 'A' && c <= 'Z');
  });
  if (service.empty() || service.front() == '.' || !plain || service.size() > limits::kServiceMax)
    return fail(Errc::invalid_argument, "a service is named like its file in /etc/pam.d, in lower case");
  return {};
}

Result<void> may_change(const LoginOptions& options, const Tree& tree) {
  if (auto good = check_service(options.service); !good) return good;
  if (::geteuid() != tree.owner) return fail(Errc::not_permitted, "only root may change how people log in");
  if (options.service.starts_with("common-"))
    return fail(Errc::unsupported, options.service + " belongs to many services; use pam-auth-update for all of them");
  if (options.service == "other")
    return fail(Errc::unsupported, "other is what services without a file of their own get; it is left alone");
  return {};
}

std::string governed_by(const std::string& file) {
  return file.starts_with("common-") ? file + ", which pam-auth-update governs" : file;
}

void show_diff(const Output& out, const std::string& diff) {
  std::string row;
  for (const char c : diff) {
    if (c == '\n')
      out.show(row);
    else
      row += c == '\t' ? std::string(8, ' ') : std::string(1, c);
    if (c == '\n') row.clear();
  }
}

// What is to become of a service's file, and how to tell that it has.
struct Change {
  std::string text;
  std::vector<std::string> notes;
  std::function<std::string(const Chain&)> wrong;  // what the result lacks; empty: nothing
};

std::string look_again(const ServiceFile& file, const Change& change, const std::string& service, const Tree& tree) {
  const Result<std::string> now = file.read_again();
  if (!now) return now.error().message;
  if (*now != change.text) return file.path() + " does not hold what was written";
  return change.wrong(chain_of(*now, service, tree));
}

Exit apply(const Output& out, ServiceFile& file, const Change& change, Json who, const Tree& tree) {
  const std::string service = who["service"];
  const Result<std::string> backup = file.back_up(tree);
  if (!backup) return refused(out, backup.error(), who);
  if (auto put = file.replace(change.text); !put) return refused(out, put.error(), who);
  if (tree.written) tree.written();
  if (const std::string why = look_again(file, change, service, tree); !why.empty()) {
    const Result<void> back = file.restore();
    return out.failed({Errc::io, fmt::format("{}; {}", why,
                                             back ? "the old file is back in its place"
                                                  : "the old file could NOT be put back, it is kept as " + *backup)},
                      who);
  }
  who["backup"] = *backup;
  return out.done(
      who, fmt::format("{}: {} is changed and read back; the file as it was: {}", service, file.path(), *backup));
}

Exit carry_out(const Output& out, ServiceFile& file, const Change& change, Json who, const LoginOptions& options,
               const Tree& tree) {
  const std::string diff = pam::unified_diff(file.text(), change.text, file.path());
  who["changed"] = !options.dry_run;
  who["dry_run"] = options.dry_run;
  who["diff"] = diff;
  who["notes"] = change.notes;
  if (!options.all) show_diff(out, diff);
  for (const std::string& note : change.notes) out.warn(note);
  if (options.dry_run) return out.done(who, "nothing was changed: this is what would be");
  return apply(out, file, change, std::move(who), tree);
}

Exit already(const Output& out, Json who, const std::string& sentence) {
  who["changed"] = false;
  return out.done(who, fmt::format("{}: {}; nothing was changed", who["service"].get<std::string>(), sentence));
}

std::string not_in_force(const Chain& chain, const std::string& service, Mode mode) {
  const View view = pam::inspect(chain, service);
  if (view.mode == mode && view.through.empty() && view.problems.empty()) return "";
  return "the file does not have the effect it was made for";
}

Exit disable_one(const Output& out, const LoginOptions& options, const Tree& tree) {
  const Json who{{"service", options.service}};
  if (auto may = may_change(options, tree); !may) return refused(out, may.error(), who);
  Result<ServiceFile> file = ServiceFile::open(tree, options.service);
  if (!file) return refused(out, file.error(), who);
  const Result<std::string> clean = pam::without_marked(file->text());
  if (!clean) return refused(out, {clean.error().code, file->path() + ": " + clean.error().message}, who);
  const View left = pam::inspect(chain_of(*clean, options.service, tree), options.service);
  const std::string elsewhere = fmt::format("its face login comes through {}", governed_by(left.through));
  if (*clean != file->text()) {
    Change change{*clean, {}, [&](const Chain& chain) {
                    const bool as_planned = pam::inspect(chain, options.service).mode == left.mode;
                    return std::string(as_planned ? "" : "the file does not have the effect it was made for");
                  }};
    if (left.mode != Mode::none)
      change.notes.push_back(left.through.empty() ? "lines that were written by hand stay: take them out yourself"
                                                  : elsewhere + "; that stays");
    return carry_out(out, *file, change, who, options, tree);
  }
  if (left.mode == Mode::none) return already(out, who, "has no face login");
  return refused(
      out,
      {Errc::unsupported, left.through.empty() ? "its pam_faceauth.so line was written by hand: take it out yourself"
                                               : elsewhere + "; switch it off there"},
      who);
}

Json described(const std::string& service, const Tree& tree, int& problems) {
  const Result<std::string> text = pam::reader_of(tree)(service);
  Json entry{{"service", service}};
  View view;
  if (text) {
    view = pam::inspect(chain_of(*text, service, tree), service);
    const pam::File file = pam::parse_file(*text);
    view.problems.insert(view.problems.end(), file.doubts.begin(), file.doubts.end());
  } else {
    view.problems.push_back(text.error().message);
  }
  problems += static_cast<int>(view.problems.size());
  entry["mode"] = pam::mode_name(view.mode);
  entry["through"] = string_or_null(view.through);
  entry["report"] = view.report;
  const bool asks = view.mode != Mode::none && view.mode != Mode::report_only;
  entry["otherwise"] = asks ? Json(pam::otherwise_name(view.otherwise)) : Json();
  entry["problems"] = view.problems;
  return entry;
}

void show_table(const Output& out, const Json& services) {
  out.show(fmt::format("{:<24} {:<14} {:<16} {}", "SERVICE", "MODE", "THROUGH", "REPORT"));
  for (const Json& s : services) {
    const std::string mode = s["mode"];
    const std::string through = s["through"].is_null() ? (mode == "none" ? "-" : "its own file") : s["through"];
    out.show(fmt::format("{:<24} {:<14} {:<16} {}", s["service"].get<std::string>(), mode, through,
                         s["report"].get<bool>() ? "yes" : "no"));
    if (s["otherwise"] == "nobody") out.show("  without an accepted face nobody gets in: no password is asked for");
    for (const Json& problem : s["problems"]) out.show("  problem: " + problem.get<std::string>());
  }
}

}  // namespace

Exit run_login_status(const Output& out, const LoginOptions& options, const Tree& tree) {
  std::vector<std::string> names{options.service};
  if (options.service.empty()) {
    names = pam::services_of(tree);
  } else {
    if (auto good = check_service(options.service); !good) return out.failed(good.error());
    const Result<std::string> text = pam::reader_of(tree)(options.service);
    if (!text && text.error().code == Errc::not_found) return out.failed(text.error(), {{"service", options.service}});
  }
  Json services = Json::array();
  int problems = 0;
  for (const std::string& name : names) services.push_back(described(name, tree, problems));
  out.object({{"services", services}});
  show_table(out, services);
  return problems == 0 ? Exit::ok : Exit::negative;
}

Exit run_login_enable(const Output& out, const LoginOptions& options, const Tree& tree) {
  const Json who{{"service", options.service}, {"mode", options.mode}};
  const std::optional<Mode> mode = pam::mode_of(options.mode);
  if (!mode) return out.failed({Errc::invalid_argument, "a mode is face-first, enter or face+password"}, who);
  if (auto may = may_change(options, tree); !may) return refused(out, may.error(), who);
  Result<ServiceFile> file = ServiceFile::open(tree, options.service);
  if (!file) return refused(out, file.error(), who);
  if (auto installed = pam::module_installed(tree); !installed) return refused(out, installed.error(), who);
  const Result<std::string> clean = pam::without_marked(file->text());
  if (!clean) return refused(out, {clean.error().code, file->path() + ": " + clean.error().message}, who);
  const View there = pam::inspect(chain_of(*clean, options.service, tree), options.service);
  if (!there.through.empty() && there.mode != Mode::report_only) {
    const std::string has =
        fmt::format("has face login ({}) through {}", pam::mode_name(there.mode), governed_by(there.through));
    if (there.mode == *mode) return already(out, who, has);
    return refused(out, {Errc::unsupported, fmt::format("{} {}; switch it off there first", options.service, has)},
                   who);
  }
  Result<pam::Plan> plan = pam::plan_enable(file->text(), options.service, *mode, pam::reader_of(tree));
  if (!plan) return refused(out, plan.error(), who);
  if (plan->text == file->text()) return already(out, who, "has face login in this mode");
  const Change change{plan->text, plan->notes,
                      [&](const Chain& chain) { return not_in_force(chain, options.service, *mode); }};
  return carry_out(out, *file, change, who, options, tree);
}

Exit run_login_disable(const Output& out, const LoginOptions& options, const Tree& tree) {
  if (!options.all) return disable_one(out, options, tree);
  if (::geteuid() != tree.owner) return out.failed({Errc::not_permitted, "only root may change how people log in"});
  Output each = out;
  each.json = false;  // there is one object for all of them
  each.quiet = out.quiet || out.json;
  Json done = Json::array(), left = Json::array();
  for (const std::string& name : pam::services_of(tree)) {
    const Result<std::string> text = pam::reader_of(tree)(name);
    if (!text || text->find("# faceauth: begin") == std::string::npos) continue;
    LoginOptions one = options;
    one.service = name;
    (disable_one(each, one, tree) == Exit::ok ? done : left).push_back(name);
  }
  const Json all{{"disabled", done}, {"left", left}, {"dry_run", options.dry_run}};
  if (!left.empty()) {
    out.failed({Errc::io, "not every service could be changed"}, all);
    return Exit::negative;
  }
  return out.done(all, fmt::format("{} services changed", done.size()));
}

}  // namespace faceauth::enroll
