#include <enroll-tool/pam_stack.h>
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace faceauth::enroll::pam {

namespace {

// By number; pam.conf(5) names them. `default` stands behind the last.
constexpr std::string_view kCodeNames[] = {"success",
                                           "open_err",
                                           "symbol_err",
                                           "service_err",
                                           "system_err",
                                           "buf_err",
                                           "perm_denied",
                                           "auth_err",
                                           "cred_insufficient",
                                           "authinfo_unavail",
                                           "user_unknown",
                                           "maxtries",
                                           "new_authtok_reqd",
                                           "acct_expired",
                                           "session_err",
                                           "cred_unavail",
                                           "cred_expired",
                                           "cred_err",
                                           "no_module_data",
                                           "conv_err",
                                           "authtok_err",
                                           "authtok_recover_err",
                                           "authtok_lock_busy",
                                           "authtok_disable_aging",
                                           "try_again",
                                           "ignore",
                                           "abort",
                                           "authtok_expired",
                                           "module_unknown",
                                           "bad_item",
                                           "conv_again",
                                           "incomplete",
                                           "default"};
static_assert(std::size(kCodeNames) == kCodes + 1);
constexpr std::string_view kActionNames[] = {"ignore", "ok", "done", "bad", "die", "reset"};
constexpr int kUndecided = -6;
constexpr int kJumpMost = 100'000;
// libpam 1.5 reads a row in pieces of 1023 bytes and takes the second piece of a long comment for a line.
constexpr std::size_t kRowMost = 1000;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
}

void fill(Actions& actions, int with) { std::replace(actions.begin(), actions.end(), kUndecided, with); }

// The next name out of `names` that `rest` begins with, or its size.
template <std::size_t N>
std::size_t take_name(std::string_view& rest, const std::string_view (&names)[N]) {
  skip_blanks(rest);
  for (std::size_t i = 0; i < N; ++i) {
    if (!rest.starts_with(names[i])) continue;
    rest.remove_prefix(names[i].size());
    return i;
  }
  return N;
}

bool take_jump(std::string_view& rest, int& out) {
  out = 0;
  for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9' && out < kJumpMost; rest.remove_prefix(1))
    out = out * 10 + (rest.front() - '0');
  return out > 0 && out < kJumpMost;
}

bool take_pair(std::string_view& rest, Actions& out) {
  const std::size_t code = take_name(rest, kCodeNames);
  skip_blanks(rest);
  if (code > kCodes || rest.empty() || rest.front() != '=') return false;
  rest.remove_prefix(1);
  const std::size_t named = take_name(rest, kActionNames);
  int action = -static_cast<int>(named);
  if (named == std::size(kActionNames) && !take_jump(rest, action)) return false;
  if (code == kCodes)
    fill(out, action);  // only what was not said before it
  else
    out[code] = action;
  skip_blanks(rest);
  return true;
}

struct Simple {
  std::string_view word;
  int success, ignored, rest;
};
constexpr Simple kSimple[] = {{"required", kOk, kIgnore, kBad},
                              {"requisite", kOk, kIgnore, kDie},
                              {"optional", kOk, kIgnore, kIgnore},
                              {"sufficient", kDone, kIgnore, kIgnore}};

// Words are parted by blanks; what stands in brackets is one, in which "\]" means "]".
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
    std::string word;
    if (text.front() == '[') {
      text.remove_prefix(1);
      while (!text.empty() && text.front() != ']') {
        if (text.starts_with("\\]")) text.remove_prefix(1);
        word += text.front();
        text.remove_prefix(1);
      }
      if (!text.empty()) text.remove_prefix(1);
    } else {
      while (!text.empty() && !blank(text.front())) {
        word += text.front();
        text.remove_prefix(1);
      }
    }
    words.push_back(std::move(word));
  }
  return words;
}

// A line that libpam installs as one that fails, whatever module it names.
void break_line(Line& line, std::string why) {
  line.error = std::move(why);
  line.kind = Kind::module;
}

void interpret_control(const std::string& control, Line& line) {
  const std::string word = lower(control);
  if (word == "include" || word == "substack") {
    line.kind = word == "include" ? Kind::include : Kind::substack;
    line.actions.fill(kBad);  // for the case that the file cannot be read
  } else {
    parse_control(control, line.actions);
  }
}

void interpret(const std::vector<std::string>& words, Line& line) {
  static constexpr std::string_view types[] = {"auth", "account", "password", "session"};
  line.actions.fill(kBad);
  if (words[0] == "@include") {
    line.kind = Kind::include;
    line.whole_file = true;
    line.type = "auth";
    if (words.size() < 2) return break_line(line, "@include without a file");
    line.target = words[1];
    return;
  }
  const std::string type = lower(words[0]);
  line.type = type.starts_with('-') ? type.substr(1) : type;
  if (std::find(std::begin(types), std::end(types), line.type) == std::end(types)) {
    line.type = "auth";  // as libpam, which counts it to the most sensitive
    break_line(line, "the line's type is none of auth, account, password, session");
  }
  if (words.size() < 2) return break_line(line, "no control word");
  const bool broken = !line.error.empty();
  interpret_control(words[1], line);
  if (broken) line.kind = Kind::module;
  if (words.size() < 3) return break_line(line, "no module");
  line.target = words[2];
  line.words.assign(words.begin() + 3, words.end());
}

// Puts rows together to lines.
class Assembler {
 public:
  explicit Assembler(std::string_view text) : text_(text) {}

  File run() {
    if (text_.find('\0') != std::string_view::npos) doubt("the file holds a NUL byte");
    if (text_.find('\r') != std::string_view::npos) doubt("the file holds a carriage return");
    while (at_ < text_.size()) row();
    if (continued_) doubt("the file ends in the middle of a continued line");
    return std::move(file_);
  }

 private:
  void doubt(const std::string& what) { file_.doubts.push_back(what); }

  void row() {
    const std::size_t newline = std::min(text_.find('\n', at_), text_.size());
    const std::size_t next = std::min(newline + 1, text_.size());
    std::string_view row = text_.substr(at_, newline - at_);
    const std::size_t begin = at_;
    at_ = next;
    ++number_;
    if (row.size() > kRowMost) doubt(fmt::format("row {} is longer than {} bytes", number_, kRowMost));
    const std::size_t comment = row.find('#');
    if (comment != std::string_view::npos && continued_)
      doubt(fmt::format("row {} has a comment inside a continued line", number_));
    const std::size_t content = row.find_first_not_of(" \t");
    if (content == std::string_view::npos || content == comment) {
      if (continued_ && comment == std::string_view::npos)
        doubt(fmt::format("row {} is blank inside a continued line", number_));
      return;
    }
    add(row.substr(0, comment), comment != std::string_view::npos, begin);
  }

  void add(std::string_view row, bool commented, std::size_t begin) {
    if (!continued_) {
      line_ = Line{};
      line_.begin = begin;
      line_.number = number_;
      assembled_.clear();
    }
    const std::size_t last = row.find_last_not_of(" \t");
    const bool more = !commented && last != std::string_view::npos && row[last] == '\\';
    if (more && last + 1 != row.size()) doubt(fmt::format("row {} has blanks behind its backslash", number_));
    if (commented && last != std::string_view::npos && row[last] == '\\')
      doubt(fmt::format("row {} has a backslash before its comment", number_));
    assembled_ += more ? row.substr(0, last) : row;
    assembled_ += ' ';
    continued_ = more;
    if (assembled_.size() > kRowMost)
      doubt(fmt::format("the line of row {} is longer than {} bytes", line_.number, kRowMost));
    if (!more) close();
  }

  void close() {
    line_.end = at_;
    const std::vector<std::string> words = split(assembled_);
    if (words.empty()) return;
    interpret(words, line_);
    file_.lines.push_back(std::move(line_));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int number_ = 0;
  bool continued_ = false;
  std::string assembled_;
  Line line_;
  File file_;
};

}  // namespace

bool parse_control(std::string_view control, Actions& out) {
  out.fill(kUndecided);
  for (const Simple& simple : kSimple) {
    if (lower(control) != simple.word) continue;
    out.fill(simple.rest);
    out[kSuccess] = out[kNewAuthtokReqd] = simple.success;
    out[kIgnored] = simple.ignored;
    return true;
  }
  std::string_view rest = control;
  skip_blanks(rest);
  while (!rest.empty()) {
    if (take_pair(rest, out)) continue;
    out.fill(kBad);
    return false;
  }
  fill(out, kBad);
  return true;
}

File parse_file(std::string_view text) { return Assembler(text).run(); }

std::string module_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace faceauth::enroll::pam
