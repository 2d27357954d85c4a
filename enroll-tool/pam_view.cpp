#include <enroll-tool/pam_plan.h>
#include <fmt/core.h>

#include <algorithm>

namespace faceauth::enroll::pam {

namespace {

constexpr const char* kModeNames[] = {"none", "face-first", "enter", "face+password", "report-only", "other"};
constexpr const char* kOtherwiseNames[] = {"password", "another", "nobody", "anybody"};
// They keep people out for reasons that have nothing to do with who is there, and succeed for all others.
constexpr std::string_view kGateModules[] = {"pam_securetty.so", "pam_shells.so",   "pam_access.so", "pam_time.so",
                                             "pam_faillock.so",  "pam_listfile.so", "pam_tally2.so"};
// They ask for a password where none was typed yet, and nobody judges whether it is the login's.
constexpr std::string_view kAskingModules[] = {"pam_mount.so", "pam_ssh.so", "pam_kwallet.so", "pam_kwallet5.so"};

std::string place(const Entry& entry) { return fmt::format("{} ({}:{})", entry.module, entry.file, entry.number); }

bool has_word(const Entry& entry, std::string_view word) {
  return std::find(entry.words.begin(), entry.words.end(), word) != entry.words.end();
}

bool keeps_out(int action) { return action == kBad || action == kDie; }

Mode mode_of(const Entry& face) {
  const int success = face.actions[kSuccess], refused = face.actions[kAuthErr];
  if (refused == kIgnore && (success == kDone || success > 0))
    return has_word(face, "intent=enter") ? Mode::enter : Mode::face_first;
  return success == kOk && keeps_out(refused) ? Mode::face_and_password : Mode::other;
}

Codes usual(const Entry& entry) {
  if (entry.role == Role::deny) return kFails;
  if (entry.role == Role::face || entry.role == Role::password) return kJudges;
  return entry.role == Role::permit ? kSucceeds : kAnything;
}

// With the face accepted, or not and the password accepted; `broken` fails and everything else that could keep
// somebody out does not. Two views of the rest: all of it succeeds, or what can only let in does not.
bool grants(const Chain& chain, std::size_t face, bool face_accepted, std::size_t failing, bool rest_succeeds) {
  const Ways ways = walk(
      chain.entries,
      [&](std::size_t i) -> Codes {
        const Entry& entry = chain.entries[i];
        if (i == failing) return kFails;
        if (entry.role == Role::face) return face_accepted ? kSucceeds : kFails;
        if (entry.role == Role::password || entry.role == Role::permit) return kSucceeds;
        if (entry.role == Role::deny || entry.role == Role::report) return kFails;
        return rest_succeeds || keeps_out(entry.actions[kAuthErr]) ? kSucceeds : kFails;
      },
      face);
  return ways.may_grant();
}

bool bypassed(const Chain& chain, std::size_t face, std::size_t gate) {
  for (const bool rest_succeeds : {true, false}) {
    const bool by_password = grants(chain, face, false, chain.entries.size(), rest_succeeds);
    if (by_password && !grants(chain, face, false, gate, rest_succeeds) &&
        grants(chain, face, true, gate, rest_succeeds))
      return true;
  }
  return false;
}

void look_at_gates(const Chain& chain, std::size_t face, View& view) {
  for (std::size_t i = face + 1; i < chain.entries.size(); ++i)
    if (chain.entries[i].role == Role::other && bypassed(chain, face, i))
      view.problems.push_back(
          fmt::format("an accepted face skips {}, which can keep people out", place(chain.entries[i])));
}

bool asks(const Entry& entry) {
  return one_of(kAskingModules, entry.module) && !has_word(entry, "disable_interactive") &&
         !has_word(entry, "use_first_pass");
}

void look_at_report(const Chain& chain, std::size_t report, const Ways& ways, View& view) {
  const auto reached_with = [&](std::size_t entry, std::uint8_t wanted, std::uint8_t unwanted) {
    const auto& with = ways.reached[entry];
    return std::any_of(with.begin(), with.end(),
                       [&](std::uint8_t bits) { return (bits & wanted) != 0 && (bits & unwanted) == 0; });
  };
  const auto has = [&](std::uint8_t wanted, std::uint8_t unwanted) { return reached_with(report, wanted, unwanted); };
  constexpr std::uint8_t kTyped = kPasswordOk | kPasswordFailed;
  for (std::size_t i = 0; i < report && has(kFaceOk, kTyped); ++i)
    if (asks(chain.entries[i]) && reached_with(i, kFaceOk, kTyped))
      view.problems.push_back(
          fmt::format("after a face login {} would report whatever was typed for {}: put it before that",
                      place(chain.entries[report]), place(chain.entries[i])));
  if (has(kPasswordFailed, kPasswordOk))
    view.problems.push_back(fmt::format("{} would report passwords that were refused", place(chain.entries[report])));
  if (!has(kPasswordOk, 0))
    view.problems.push_back(fmt::format("{} is never reached by an accepted password", place(chain.entries[report])));
}

// Whether an accepted face lets in by itself, with everything else that could keep somebody out out of the way.
bool suffices(const Chain& chain, std::size_t face) {
  return walk(
             chain.entries,
             [&](std::size_t i) -> Codes {
               const Role role = chain.entries[i].role;
               if (i == face) return kSucceeds;
               return role == Role::permit || role == Role::other ? kSucceeds : kFails;
             },
             face)
      .may_grant();
}

void look_at_face(const Chain& chain, std::size_t face, const Ways& ways, View& view) {
  const Entry& entry = chain.entries[face];
  if (ways.reached[face].empty()) view.problems.push_back(fmt::format("{} is never reached", place(entry)));
  const Mode mode = mode_of(entry);
  if (mode == Mode::other)
    view.problems.push_back(fmt::format("{} has a control that is none of ours", place(entry)));
  else if (mode != Mode::face_and_password)
    look_at_gates(chain, face, view);
  if (mode != Mode::other && mode != Mode::face_and_password && !suffices(chain, face))
    view.problems.push_back(
        fmt::format("an accepted face is refused all the same: {} leads on to the wrong line", place(entry)));
}

// Without anybody having been recognised by anything. A module that is harmless leaves the decision to the others.
Codes unchecked(const Entry& entry) {
  if (entry.module == "pam_permit.so" || one_of(kGateModules, entry.module)) return kSucceeds;
  if (entry.role == Role::permit || entry.module == "pam_nologin.so") return 1u << kIgnored;
  return kFails;
}

Otherwise otherwise_of(const Chain& chain, bool face_accepted) {
  const auto grants_when = [&](bool password, bool others) {
    return walk(chain.entries,
                [&](std::size_t i) -> Codes {
                  const Entry& entry = chain.entries[i];
                  if (entry.role == Role::face) return face_accepted ? kSucceeds : kFails;
                  if (entry.role == Role::password) return password ? kSucceeds : kFails;
                  return entry.role == Role::other && others ? kAnything : unchecked(entry);
                })
        .may_grant();
  };
  if (grants_when(false, false)) return Otherwise::anybody;
  if (grants_when(true, false)) return Otherwise::password;
  if (grants_when(false, true)) return Otherwise::another;
  return grants_when(true, true) ? Otherwise::password : Otherwise::nobody;
}

void look_at_rest(const Chain& chain, View& view) {
  view.otherwise = otherwise_of(chain, view.mode == Mode::face_and_password);
  if (view.otherwise != Otherwise::anybody) return;
  view.problems.emplace_back(
      view.mode == Mode::face_and_password
          ? "an accepted face is enough: no line that checks a password stands in its way"
          : "whoever is refused by his face gets in all the same: nothing is checked after that");
  std::rotate(view.problems.begin(), view.problems.end() - 1, view.problems.end());
}

}  // namespace

const char* otherwise_name(Otherwise otherwise) { return kOtherwiseNames[static_cast<std::size_t>(otherwise)]; }

const char* mode_name(Mode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

std::optional<Mode> mode_of(std::string_view name) {
  for (const Mode mode : {Mode::face_first, Mode::enter, Mode::face_and_password})
    if (name == mode_name(mode)) return mode;
  return std::nullopt;
}

View inspect(const Chain& chain, const std::string& service) {
  View view;
  view.problems = chain.broken;
  const Ways ways = walk(chain.entries, [&](std::size_t i) { return usual(chain.entries[i]); });
  for (const std::size_t i : ways.bad_jumps)
    view.problems.push_back(fmt::format("{} jumps past the end of its stack", place(chain.entries[i])));
  for (std::size_t i = 0; i < chain.entries.size(); ++i) {
    const Entry& entry = chain.entries[i];
    if (entry.role != Role::face && entry.role != Role::report) continue;
    const bool first_face = entry.role == Role::face && (view.mode == Mode::none || view.mode == Mode::report_only);
    if (first_face || view.mode == Mode::none) {
      view.mode = first_face ? mode_of(entry) : Mode::report_only;
      view.through = entry.file == service ? "" : entry.file;
    }
    view.report |= entry.role == Role::report;
    const bool nameless = entry.role == Role::face && has_word(entry, "identify");
    view.nameless |= nameless;
    view.unasked |= nameless && !has_word(entry, "intent=enter") && !has_word(entry, "intent=gesture");
    if (entry.role == Role::face)
      look_at_face(chain, i, ways, view);
    else
      look_at_report(chain, i, ways, view);
  }
  if (view.mode != Mode::none && view.mode != Mode::report_only) look_at_rest(chain, view);
  return view;
}

}  // namespace faceauth::enroll::pam
