#include <enroll-tool/pam_chain.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <tuple>

namespace faceauth::enroll::pam {

namespace {

constexpr int kLevelsMost = 16;            // libpam's own bound on includes
constexpr std::size_t kEntriesMost = 500;  // ours, so that a tree of includes cannot blow up
constexpr int kFilesMost = 500;

constexpr std::string_view kPasswordModules[] = {
    "pam_unix.so", "pam_sss.so",          "pam_ldap.so",   "pam_krb5.so",    "pam_winbind.so",
    "pam_tcb.so",  "pam_systemd_home.so", "pam_userdb.so", "pam_pwdfile.so", "pam_unix_auth.so"};
// They set something up or tell somebody something; none of them is there to keep anybody out.
constexpr std::string_view kHarmlessModules[] = {
    "pam_permit.so", "pam_env.so",           "pam_group.so",    "pam_cap.so",     "pam_faildelay.so",
    "pam_echo.so",   "pam_gnome_keyring.so", "pam_kwallet5.so", "pam_kwallet.so", "pam_motd.so",
    "pam_warn.so",   "pam_mount.so",         "pam_ecryptfs.so", "pam_keyinit.so", "pam_umask.so"};

Role role_of(const Line& line) {
  const std::string name = module_name(line.target);
  if (!line.error.empty() || name == "pam_deny.so") return Role::deny;
  if (name == "pam_faceauth.so")
    return std::find(line.words.begin(), line.words.end(), "report") == line.words.end() ? Role::face : Role::report;
  if (one_of(kPasswordModules, name)) return Role::password;
  return one_of(kHarmlessModules, name) ? Role::permit : Role::other;
}

class Flattener {
 public:
  explicit Flattener(const Reader& read) : read_(read) {}

  void add(const File& file, const std::string& name, int includes, int level) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const Line& line = file.lines[i];
      if (includes == 0) own_line_ = i;
      if (line.type != "auth") continue;
      if (!line.error.empty()) broken(fmt::format("{}:{}: {}", name, line.number, line.error));
      if (chain.entries.size() >= kEntriesMost) return broken("more lines than can be followed");
      if (line.kind == Kind::module)
        chain.entries.push_back(entry(line, name, level, role_of(line)));
      else
        include(line, name, includes, level);
    }
  }

  Chain chain;

 private:
  void broken(const std::string& what) {
    if (std::find(chain.broken.begin(), chain.broken.end(), what) == chain.broken.end()) chain.broken.push_back(what);
  }

  [[nodiscard]] Entry entry(const Line& line, const std::string& name, int level, Role role) const {
    return {role, level, line.actions, module_name(line.target), line.words, name, line.number, own_line_};
  }

  void include(const Line& line, const std::string& name, int includes, int level) {
    const bool sub = line.kind == Kind::substack;
    if (sub) chain.entries.push_back(entry(line, name, level, Role::substack));
    std::string why = "includes too deep, or in a circle";
    if (includes + 1 < kLevelsMost && ++files_ <= kFilesMost) {
      const Result<std::string> text = read_(line.target);
      if (text) {
        const File file = parse_file(*text);
        for (const std::string& doubt : file.doubts) broken(fmt::format("{}: {}", line.target, doubt));
        return add(file, line.target, includes + 1, level + (sub ? 1 : 0));
      }
      why = text.error().message;
    }
    broken(fmt::format("{}:{}: {} cannot be included: {}", name, line.number, line.target, why));
    chain.entries.push_back(entry(line, name, level, Role::deny));
  }

  const Reader& read_;
  std::size_t own_line_ = 0;
  int files_ = 0;
};

enum class Impression : std::uint8_t { undecided, good, bad };

struct Mood {
  Impression impression = Impression::undecided;
  bool success = false;  // the status that would be returned
  auto operator<=>(const Mood&) const = default;
};

struct State {
  std::size_t at = 0;
  Mood mood;
  std::uint8_t happened = 0;
  std::array<Mood, kLevelsMost + 1> saved{};  // by level, as it was when its substack began
  auto operator<=>(const State&) const = default;
};

class Walker {
 public:
  Walker(const std::vector<Entry>& entries, const std::function<Codes(std::size_t)>& returns)
      : entries_(entries), returns_(returns) {
    ways.reached.resize(entries.size());
  }

  void follow(State start) {
    std::vector<State> open{start};
    while (!open.empty()) {
      const State state = open.back();
      open.pop_back();
      if (!seen_.insert(state).second) continue;
      if (state.at >= entries_.size()) {
        ways.ends.emplace(state.mood.impression == Impression::good && state.mood.success, state.happened);
        continue;
      }
      ways.reached[state.at].insert(state.happened);
      for (const State& next : after(state)) open.push_back(next);
    }
  }

  Ways ways;

 private:
  std::vector<State> after(const State& state) {
    const Entry& entry = entries_[state.at];
    if (entry.role == Role::substack) {
      State inside = state;
      inside.saved[static_cast<std::size_t>(entry.level) + 1] = state.mood;
      ++inside.at;
      return {inside};
    }
    std::set<std::tuple<int, bool, bool>> ways_out;  // codes that come to the same are followed once
    const Codes codes = returns_(state.at);
    for (std::size_t code = 0; code < kCodes; ++code)
      if ((codes >> code & 1u) != 0)
        ways_out.emplace(entry.actions[code], code == std::size_t{kSuccess}, code == std::size_t{kIgnored});
    std::vector<State> out;
    for (const auto& [action, success, ignored] : ways_out)
      out.push_back(act(with_memory(state, entry, success, ignored), entry, action, success));
    return out;
  }

  static State with_memory(State state, const Entry& entry, bool success, bool ignored) {
    if (entry.role == Role::face) state.happened |= success ? kFaceOk : kFaceFailed;
    if (entry.role == Role::password && !ignored) state.happened |= success ? kPasswordOk : kPasswordFailed;
    return state;
  }

  State act(State state, const Entry& entry, int action, bool success) {
    if (action == kReset) state.mood = state.saved[static_cast<std::size_t>(entry.level)];
    if (action == kOk || action == kDone) {
      if (state.mood.impression == Impression::undecided || state.mood == Mood{Impression::good, true})
        state.mood = {Impression::good, success};
      if (action == kDone && state.mood.impression == Impression::good) return end_level(state, entry);
    }
    if ((action == kBad || action == kDie) && state.mood.impression != Impression::bad)
      state.mood = {Impression::bad, false};
    if (action == kDie) return end_level(state, entry);
    if (action > 0) return jump(state, entry, action);
    ++state.at;
    return state;
  }

  State end_level(State state, const Entry& entry) {
    do ++state.at;
    while (state.at < entries_.size() && entries_[state.at].level >= entry.level);
    return state;
  }

  // A substack counts as one line, and a jump does not leave its own.
  State jump(State state, const Entry& entry, int over) {
    const std::size_t from = state.at;
    std::size_t next = from + 1;
    for (; over > 0 && next < entries_.size() && entries_[next].level >= entry.level; --over) {
      do ++next;
      while (next < entries_.size() && entries_[next].level > entry.level);
    }
    if (over > 0) {
      state.mood = {Impression::bad, false};
      if (std::find(ways.bad_jumps.begin(), ways.bad_jumps.end(), from) == ways.bad_jumps.end())
        ways.bad_jumps.push_back(from);
    }
    state.at = next;
    return state;
  }

  const std::vector<Entry>& entries_;
  const std::function<Codes(std::size_t)>& returns_;
  std::set<State> seen_;
};

bool any_end(const Ways& ways, bool granted) {
  return std::any_of(ways.ends.begin(), ways.ends.end(), [&](const auto& end) { return end.first == granted; });
}

}  // namespace

bool Ways::may_grant() const { return any_end(*this, true); }
bool Ways::may_refuse() const { return any_end(*this, false); }

Chain flatten(const File& own, const std::string& service, const Reader& read) {
  Flattener flattener(read);
  flattener.add(own, service, 0, 0);
  return std::move(flattener.chain);
}

Ways walk(const std::vector<Entry>& entries, const std::function<Codes(std::size_t)>& returns, std::size_t from) {
  Walker walker(entries, returns);
  State start;
  start.at = from;
  walker.follow(start);
  if (from != 0) {
    start.mood = {Impression::good, true};
    walker.follow(start);
  }
  return std::move(walker.ways);
}

}  // namespace faceauth::enroll::pam
