#include <enroll-tool/pam_plan.h>
#include <fmt/core.h>

#include <algorithm>

namespace faceauth::enroll::pam {

namespace {

constexpr std::string_view kBegin = "# faceauth: begin", kEnd = "# faceauth: end";
constexpr std::string_view kModule = "pam_faceauth.so";

std::string refusal(const std::string& why) { return why + "; nothing was changed"; }

// The controls, and why these.
//
// face-first and enter are `sufficient`, placed before the first line that checks a password and not at the top: what
// stands above (pam_nologin, pam_rootok, pam_succeed_if in Debian's login, su and display managers) runs as before, and
// a required line that failed there still refuses after an accepted face. `sufficient` ignores every answer but
// success, a module that is gone included, so that a broken faceauth costs nobody his login. It also ends the stack: a
// jump over the password alone would need the number of lines that @include brings in, which pam-auth-update changes
// behind our back. So a service with a line after the password that can keep people out is refused (bypassed() in
// pam_view.cpp); Debian's have only optional ones there, and the plan names those.
//
// face+password is `required`, not `requisite`: the password is asked for all the same, and nobody learns which of the
// two was wrong.
std::string face_line(Mode mode) {
  switch (mode) {
    case Mode::face_first:
      return "auth\tsufficient\tpam_faceauth.so\n";
    case Mode::enter:
      return "auth\tsufficient\tpam_faceauth.so intent=enter\n";
    default:
      return "auth\trequired\tpam_faceauth.so factors=face\n";
  }
}

std::string block(const std::string& service, const std::string& lines) {
  return fmt::format("{}, taken out by: enroll-tool login disable {}\n{}{}\n", kBegin, service, lines, kEnd);
}

// After a file whose last row has no newline, the newline is lent from the block's own end.
void insert(std::string& text, std::size_t at, std::string what) {
  if (at > 0 && text[at - 1] != '\n') {
    what.insert(0, 1, '\n');
    what.pop_back();
  }
  text.insert(at, what);
}

Codes plain(const Entry& entry, bool face_out_of_the_way) {
  if (entry.role == Role::deny || (face_out_of_the_way && entry.role == Role::face)) return kFails;
  // A report decides nothing; taking it for failed keeps it from being the one success of a stack.
  if (entry.role == Role::report) return kFails;
  if (entry.role == Role::face || entry.role == Role::password) return kJudges;
  return entry.role == Role::permit ? kSucceeds : kAnything;
}

Ways ways_of(const Chain& chain, bool face_out_of_the_way) {
  return walk(chain.entries, [&](std::size_t i) { return plain(chain.entries[i], face_out_of_the_way); });
}

// Ends without what happened to the face.
std::set<std::pair<bool, std::uint8_t>> password_ends(const Ways& ways) {
  std::set<std::pair<bool, std::uint8_t>> out;
  for (const auto& [granted, bits] : ways.ends)
    out.emplace(granted, static_cast<std::uint8_t>(bits & (kPasswordOk | kPasswordFailed)));
  return out;
}

// What stays of a plan when libpam's rules are applied to it. Empty: it does what it should and nothing else.
std::string objection(const Chain& before, const Chain& after, Mode mode) {
  const Ways out_of_the_way = ways_of(after, true), all = ways_of(after, false);
  bool by_face = false, without_face = false;
  for (const auto& [granted, bits] : all.ends) {
    by_face |= granted && (bits & kFaceOk) != 0;
    without_face |= granted && (bits & kFaceFailed) != 0;
  }
  if (!by_face) return "an accepted face would not let anybody in";
  if (mode == Mode::face_and_password) return without_face ? "the password alone would still do" : "";
  return password_ends(out_of_the_way) == password_ends(ways_of(before, false))
             ? ""
             : "the service would not go on as before when no face is accepted";
}

class Planner {
 public:
  Planner(std::string text, std::string service, Mode mode, const Reader& read)
      : text_(std::move(text)), service_(std::move(service)), mode_(mode), read_(read) {}

  Result<Plan> run() {
    file_ = parse_file(text_);
    before_ = flatten(file_, service_, read_);
    if (const std::string why = unready(); !why.empty()) return fail(Errc::unsupported, refusal(why));
    if (const std::string why = other_service(); !why.empty()) return fail(Errc::unsupported, refusal(why));
    const std::size_t first = password_->own_line;
    if (const std::string why = jump_across(first); !why.empty()) return fail(Errc::unsupported, refusal(why));

    Plan plan{text_, {}};
    insert(plan.text, file_.lines[first].begin, block(service_, face_line(mode_)));
    Chain after = chain_of(plan.text);
    add_report(plan, after);
    if (std::string why = objection(before_, after, mode_); !why.empty())
      return fail(Errc::unsupported, refusal(service_ + ": " + why));
    const View view = inspect(after, service_);
    if (!view.problems.empty()) return fail(Errc::unsupported, refusal(service_ + ": " + view.problems.front()));
    note_skipped(plan, after);
    return plan;
  }

 private:
  [[nodiscard]] Chain chain_of(const std::string& text) const { return flatten(parse_file(text), service_, read_); }

  // Why this file is not one to work on.
  std::string unready() {
    if (!file_.doubts.empty())
      return fmt::format("{}: {}: libpam's versions do not agree on what that means", service_, file_.doubts.front());
    if (!before_.broken.empty()) return before_.broken.front();
    for (const Entry& entry : before_.entries) {
      if (entry.role == Role::face)
        return fmt::format("{}:{}: this pam_faceauth.so line was written by hand; take it out first", entry.file,
                           entry.number);
      reported_ |= entry.role == Role::report;
      if (entry.role == Role::password && password_ == nullptr) password_ = &entry;
    }
    return password_ == nullptr ? service_ + ": no line that checks a password is known here" : "";
  }

  // A service that takes its lines from another one, as su-l from su, gets the face there: in front of the include it
  // would come before pam_rootok and the like.
  [[nodiscard]] std::string other_service() const {
    const Line& line = file_.lines[password_->own_line];
    const std::string name = module_name(line.target);
    const bool shared = name.starts_with("common-") || name.starts_with("system-") || name == "password-auth";
    return line.kind == Kind::module || shared ? ""
                                               : fmt::format("{} takes its lines from {}: use that", service_, name);
  }

  // A jump in the service's own file that goes over a new line before `line` would land elsewhere than it did.
  [[nodiscard]] std::string jump_across(std::size_t line) const {
    for (std::size_t from = 0; from < before_.entries.size(); ++from) {
      const Entry& entry = before_.entries[from];
      if (entry.level > 0 || entry.own_line >= line) continue;
      const auto longest =
          static_cast<std::size_t>(std::max(0, *std::max_element(entry.actions.begin(), entry.actions.end())));
      std::size_t crossed = 0;
      for (std::size_t i = from + 1; i < before_.entries.size() && before_.entries[i].own_line < line; ++i)
        crossed += before_.entries[i].level == 0;
      if (longest > crossed)
        return fmt::format("{}:{}: {} jumps over the place for the new line", entry.file, entry.number, entry.module);
    }
    return "";
  }

  // After the password, at the first place that an accepted one gets to and a refused one does not.
  void add_report(Plan& plan, Chain& after) {
    if (reported_) return;
    const std::size_t shift = plan.text.size() - text_.size();
    for (std::size_t i = password_->own_line; i < file_.lines.size(); ++i) {
      if (file_.lines[i].type != "auth" || !jump_across(i + 1).empty()) continue;
      std::string text = plan.text;
      insert(text, file_.lines[i].end + shift, block(service_, "auth\toptional\tpam_faceauth.so report\n"));
      Chain chain = chain_of(text);
      if (!inspect(chain, service_).problems.empty()) continue;
      plan.text = std::move(text);
      after = std::move(chain);
      return;
    }
    plan.notes.push_back(
        "there is no place here that only an accepted password gets to, so faced is not told of passwords: after a "
        "restart, and after strong_auth.max_age_h, it asks this service for a password until it learns of one "
        "elsewhere");
  }

  void note_skipped(Plan& plan, const Chain& after) const {
    if (mode_ == Mode::face_and_password) {
      plan.notes.push_back(
          "face+password: while faced is stopped or has no camera, this service refuses everybody; keep a "
          "root shell open until you have tried it");
      return;
    }
    std::string names;
    bool past = false;
    for (const Entry& entry : after.entries) {
      const bool counts = entry.role == Role::other || entry.role == Role::permit;
      if (past && counts && entry.module != "pam_permit.so") names += (names.empty() ? "" : ", ") + entry.module;
      past |= entry.role == Role::face;
    }
    if (!names.empty()) plan.notes.push_back("an accepted face skips: " + names);
  }

  std::string text_, service_;
  Mode mode_;
  const Reader& read_;
  File file_;
  Chain before_;
  const Entry* password_ = nullptr;
  bool reported_ = false;
};

struct Row {
  std::size_t begin, end;  // with its newline
};

std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    rows.push_back({at, end});
    at = end;
  }
  return rows;
}

std::string_view chomped(std::string_view row) {
  if (row.ends_with('\n')) row.remove_suffix(1);
  return row;
}

bool ours(std::string_view row) {
  const File file = parse_file(row);
  return file.doubts.empty() && file.lines.size() == 1 && module_name(file.lines[0].target) == kModule;
}

}  // namespace

Result<Plan> plan_enable(const std::string& text, const std::string& service, Mode mode, const Reader& read) {
  Result<std::string> clean = without_marked(text);
  if (!clean) return fail(std::move(clean));
  return Planner(std::move(*clean), service, mode, read).run();
}

Result<std::string> without_marked(const std::string& text) {
  std::string out;
  int number = 0, begun = 0;
  for (const Row& row : rows_of(text)) {
    const std::string_view whole = std::string_view(text).substr(row.begin, row.end - row.begin);
    ++number;
    if (whole.starts_with(kBegin)) {
      if (begun != 0)
        return fail(Errc::unsupported, refusal(fmt::format("row {}: a second begin of faceauth's lines", number)));
      begun = number;
    } else if (chomped(whole) == kEnd) {
      if (begun == 0)
        return fail(Errc::unsupported,
                    refusal(fmt::format("row {}: an end of faceauth's lines without a begin", number)));
      begun = 0;
      if (!whole.ends_with('\n') && out.ends_with('\n')) out.pop_back();  // the one that insert() lent
    } else if (begun == 0) {
      out += whole;
    } else if (!ours(whole)) {
      return fail(Errc::unsupported,
                  refusal(fmt::format("row {}: stands between faceauth's marks and is not its line", number)));
    }
  }
  if (begun != 0)
    return fail(Errc::unsupported, refusal(fmt::format("row {}: faceauth's lines begin and do not end", begun)));
  return out;
}

}  // namespace faceauth::enroll::pam
