// PAM: what a login of each service would do, as libpam would go through its lines.
#include <enroll-tool/doctor.h>
#include <enroll-tool/pam_plan.h>
#include <fmt/core.h>

#include <map>

namespace faceauth::enroll::doctor {

namespace {

using pam::Mode;
using pam::Otherwise;
using pam::View;

void add(Findings& out, State state, std::string what, std::string mend = "") {
  out.push_back({"logins", state, std::move(what), std::move(mend)});
}

const char* words_of(Otherwise otherwise) {
  switch (otherwise) {
    case Otherwise::password:
      return "else the password is asked for";
    case Otherwise::another:
      return "else another module decides";
    case Otherwise::nobody:
      return "else nobody gets in: no password is asked for";
    case Otherwise::anybody:
      break;
  }
  return "else ANYBODY gets in: no password is asked for";
}

std::string words_of(Mode mode, Otherwise otherwise) {
  switch (mode) {
    case Mode::face_first:
      return fmt::format("the camera is looked at first; an accepted face lets in at once, {}", words_of(otherwise));
    case Mode::enter:
      if (otherwise != Otherwise::password)
        return fmt::format("Enter looks at the camera; an accepted face lets in at once, {}", words_of(otherwise));
      return "Enter looks at the camera, anything typed is the password; an accepted face lets in at once";
    case Mode::face_and_password:
      if (otherwise == Otherwise::anybody) return "the face alone decides; without a camera nobody gets in";
      if (otherwise == Otherwise::nobody) return "nobody gets in, whatever the face";
      return otherwise == Otherwise::another
                 ? "the face and another module are both needed; without a camera nobody gets in"
                 : "face and password are both needed; without a camera nobody gets in";
    case Mode::report_only:
      return "the password is asked for, and faced is told that it was accepted";
    case Mode::other:
      return "pam_faceauth.so stands there with a control of its own making";
    case Mode::none:
      break;
  }
  return "the password is asked for; the face plays no part";
}

std::string through_words(const View& view) {
  return view.through.empty() ? "by a line of its own" : "through " + view.through;
}

// Of the problem that `anybody` gets in.
std::string mend_for_open(const std::string& service, const View& view) {
  return fmt::format(
      "edit /etc/pam.d/{}: a line that checks a password behind the face, then pam_deny.so (keep a root "
      "shell open meanwhile)",
      view.through.empty() ? service : view.through);
}

std::string mend_for(const std::string& service, const View& view) {
  if (view.through.starts_with("common-")) return "pam-auth-update --force (keep a root shell open meanwhile)";
  if (!view.through.empty()) return fmt::format("edit /etc/pam.d/{} (keep a root shell open meanwhile)", view.through);
  if (view.mode == Mode::none) return fmt::format("edit /etc/pam.d/{} (keep a root shell open meanwhile)", service);
  return fmt::format("enroll-tool login disable {0}; enroll-tool login enable {0}", service);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// A fault counts only where faceauth has a part: other people's stacks are not ours to judge.
bool concerns_us(const View& view) { return view.mode != Mode::none; }

}  // namespace

void check_logins(const Patient& patient, Findings& out) {
  std::map<std::string, std::vector<std::string>> alike;  // what a login does: the services
  std::map<std::string, std::pair<std::string, std::vector<std::string>>>
      wrong;  // the fault: its mending, the services
  const pam::Reader read = pam::reader_of(patient.tree);
  bool any = false;
  std::vector<std::string> silent, unasked;
  for (const std::string& service : pam::services_of(patient.tree)) {
    const Result<std::string> text = read(service);
    if (!text) {
      add(out, State::unseen, fmt::format("{}: {}", service, text.error().message));
      continue;
    }
    const View view = pam::inspect(pam::flatten(pam::parse_file(*text), service, read), service);
    if (!concerns_us(view)) continue;
    any = true;
    const char* nameless = view.nameless ? "; where no name is known, whoever is recognised is let in" : "";
    const bool open = view.otherwise == Otherwise::anybody;
    if (!open)
      alike[fmt::format("{}, {}{}", words_of(view.mode, view.otherwise), through_words(view), nameless)].push_back(
          service);
    if (view.unasked) unasked.push_back(service);
    for (const std::string& problem : view.problems) {
      auto& entry = wrong[problem];
      const bool first = &problem == &view.problems.front();
      entry.first = open && first ? mend_for_open(service, view) : mend_for(service, view);
      entry.second.push_back(service);
    }
    if (!view.report && view.mode != Mode::face_and_password) silent.push_back(service);
  }
  for (const auto& [what, services] : alike) add(out, State::well, fmt::format("{}: {}", joined(services), what));
  for (const auto& [fault, entry] : wrong)
    add(out, State::finding, fmt::format("{}: {}", joined(entry.second), fault), entry.first);
  if (!unasked.empty())
    add(out, State::note,
        fmt::format("{}: where no name is known, whoever sits there is let in, meant or not, unless the service's own "
                    "intent asks for more",
                    joined(unasked)),
        "add intent=enter behind identify");
  if (!silent.empty())
    add(out, State::note,
        fmt::format("{}: faced is not told of accepted passwords there, and asks for one after every start",
                    joined(silent)),
        "pam-auth-update (choose the line that reports), or enroll-tool login enable SERVICE");
  if (!any)
    add(out, State::note, "no service uses face login yet",
        "pam-auth-update, or for one alone: enroll-tool login enable sudo");
  if (const Result<void> module = pam::module_installed(patient.tree); !module && any)
    add(out, State::finding, "PAM services name pam_faceauth.so, and it cannot be loaded: " + module.error().message,
        "apt install --reinstall libpam-faceauth");
}

}  // namespace faceauth::enroll::doctor
