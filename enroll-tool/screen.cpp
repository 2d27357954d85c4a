#include <enroll-tool/deadline.h>
#include <enroll-tool/screen.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace faceauth::enroll {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswersWithin{600};  // of a terminal at the other end of a slow line
constexpr milliseconds kWriteWithin{2000};
constexpr std::size_t kAnswersMax = 4096;
constexpr unsigned kRegistersLeast = 252;  // of sixel()'s palette

// kitty's graphics; a colour by its parts, and how the terminal understood it; room for more colours in sixel pictures,
// and how many there are; a cell's size; the attributes, which every terminal names.
constexpr std::string_view kQuestions =
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
    "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m"
    "\x1b[?1;3;256S\x1b[?1;1;0S"
    "\x1b[16t"
    "\x1b[c";
// Another page, no cursor; and back.
constexpr std::string_view kBegin = "\x1b[?1049h\x1b[?25l\x1b[2J", kEnd = "\x1b[0m\x1b[?25h\x1b[?1049l";

volatile std::sig_atomic_t ended_by = 0, resized = 0;
extern "C" void note_signal(int number) {
  if (number == SIGWINCH)
    resized = 1;
  else
    ended_by = number;
}

// "4;6;18" as numbers; what is none is 0.
std::vector<unsigned> numbers_in(std::string_view text) {
  std::vector<unsigned> numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    unsigned number = 0;
    std::from_chars(text.data(), text.data() + end, number);
    numbers.push_back(number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

// CSI parameters final, without CSI.
void read_control(std::string_view parameters, char final, TerminalAnswers& answers) {
  const bool is_private = parameters.starts_with('?');
  const std::vector<unsigned> numbers = numbers_in(parameters.substr(is_private ? 1 : 0));
  if (final == 'c' && is_private) {
    answers.complete = true;
    for (std::size_t i = 1; i < numbers.size(); ++i) answers.sixel = answers.sixel || numbers[i] == 4;
  } else if (final == 'S' && numbers.size() == 3 && numbers[0] == 1 && numbers[1] == 0) {
    answers.colour_registers = numbers[2];
  } else if (final == 't' && numbers.size() == 3 && numbers[0] == 6 && numbers[1] <= 256 && numbers[2] <= 256) {
    answers.cell = {numbers[2], numbers[1]};
  }
}

Graphics best_of(const TerminalAnswers& answers) {
  if (answers.kitty) return Graphics::kitty;
  const bool colours = answers.colour_registers == 0 || answers.colour_registers >= kRegistersLeast;
  if (answers.sixel && colours) return Graphics::sixel;
  const char* claimed = std::getenv("COLORTERM");
  const bool claims =
      claimed != nullptr && (std::strcmp(claimed, "truecolor") == 0 || std::strcmp(claimed, "24bit") == 0);
  return answers.true_color || claims ? Graphics::blocks : Graphics::blocks_256;
}

bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return ::strcasestr(value, "utf-8") != nullptr || ::strcasestr(value, "utf8") != nullptr;
  }
  return false;
}

}  // namespace

TerminalAnswers parse_answers(std::string_view text) {
  TerminalAnswers answers;
  while (!text.empty()) {
    if (text.starts_with("\x1b_G") || text.starts_with("\x1bP")) {
      const std::size_t end = std::min(text.find("\x1b\\", 2), text.size());
      const std::string_view body = text.substr(0, end);
      if (body.starts_with("\x1b_G") && body.ends_with(";OK")) answers.kitty = true;
      if (body.starts_with("\x1bP1$r") && (body.find("48:2") != body.npos || body.find("48;2") != body.npos))
        answers.true_color = true;
      text.remove_prefix(std::min(end + 2, text.size()));
    } else if (text.starts_with("\x1b[")) {
      const std::size_t end = text.find_first_not_of("?;:0123456789", 2);
      if (end == text.npos) break;
      read_control(text.substr(2, end - 2), text[end], answers);
      text.remove_prefix(end + 1);
    } else {
      text.remove_prefix(1);
    }
  }
  return answers;
}

Result<std::unique_ptr<Screen>> Screen::open(Graphics wanted) {
  const char* kind = std::getenv("TERM");
  if (kind == nullptr || *kind == '\0' || std::strcmp(kind, "dumb") == 0)
    return fail(Errc::invalid_argument, "the terminal can show no page (TERM)");
  Fd tty(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!tty.valid()) return fail(Errc::invalid_argument, "there is no terminal");
  std::unique_ptr<Screen> screen(new Screen(std::move(tty)));
  if (Result<void> taken = screen->take(); !taken) return fail(std::move(taken));
  // Linux's own console prints the questions.
  const bool can_be_asked = std::strcmp(kind, "linux") != 0;
  if (wanted == Graphics::none && can_be_asked) screen->ask_what_it_can();
  if (wanted == Graphics::none && !can_be_asked) screen->graphics_ = Graphics::blocks_256;
  if (wanted != Graphics::none) screen->graphics_ = wanted;
  const bool blocks = screen->graphics_ == Graphics::blocks || screen->graphics_ == Graphics::blocks_256;
  if (blocks && wanted == Graphics::none && !speaks_utf8()) screen->graphics_ = Graphics::none;
  screen->write(kBegin);
  return screen;
}

Screen::~Screen() { close(); }

Result<void> Screen::take() {
  if (::tcgetattr(tty_.get(), &modes_) != 0) return fail(Errc::invalid_argument, "the terminal cannot be used");
  ended_by = 0;
  resized = 0;
  sigset_t held;
  ::sigemptyset(&held);
  for (const int number : kSignals) ::sigaddset(&held, number);
  ::sigprocmask(SIG_BLOCK, &held, &before_);
  struct sigaction action {};
  action.sa_handler = note_signal;
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &actions_[i]);
    if (actions_[i].sa_handler != SIG_IGN || kSignals[i] == SIGWINCH) ::sigaction(kSignals[i], &action, nullptr);
  }
  termios raw = modes_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  taken_ = true;
  if (::tcsetattr(tty_.get(), TCSAFLUSH, &raw) == 0) return {};
  close();
  return fail(Errc::invalid_argument, "the terminal cannot be used");
}

void Screen::close() {
  if (!taken_) return;
  taken_ = false;
  if (graphics_ == Graphics::kitty) write(kKittyForget);
  write(kEnd);
  ::tcsetattr(tty_.get(), TCSAFLUSH, &modes_);
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  if (ended_by != 0) ::raise(ended_by);
}

void Screen::ask_what_it_can() {
  write(kQuestions);
  std::string text;
  const Deadline deadline(kAnswersWithin);
  while (deadline.left_ms() > 0 && text.size() < kAnswersMax && !parse_answers(text).complete) {
    pollfd entry{tty_.get(), POLLIN, 0};
    if (::poll(&entry, 1, deadline.left_ms()) <= 0) break;
    std::array<char, 256> some{};
    const ssize_t got = ::read(tty_.get(), some.data(), some.size());
    if (got <= 0) break;
    text.append(some.data(), static_cast<std::size_t>(got));
  }
  const TerminalAnswers answers = parse_answers(text);
  graphics_ = best_of(answers);
  cell_ = answers.cell;
}

Cells Screen::size() const {
  winsize size{};
  if (::ioctl(tty_.get(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

CellPixels Screen::cell() const {
  if (cell_.width > 0 && cell_.height > 0) return cell_;
  winsize size{};
  if (::ioctl(tty_.get(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  const auto share = [](unsigned pixels, unsigned cells) { return pixels / cells; };
  const CellPixels cell{share(size.ws_xpixel, size.ws_col), share(size.ws_ypixel, size.ws_row)};
  return cell.width > 0 && cell.height > 0 ? cell : CellPixels{};
}

void Screen::write(std::string_view text) {
  const Deadline deadline(kWriteWithin);
  while (!text.empty()) {
    const ssize_t put = ::write(tty_.get(), text.data(), text.size());
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
    if (put > 0 || (put < 0 && errno == EINTR)) continue;
    pollfd entry{tty_.get(), POLLOUT, 0};
    if (put < 0 && errno != EAGAIN) return;  // a terminal that takes no text is not there any more
    if (::poll(&entry, 1, deadline.left_ms()) <= 0) return;
  }
}

bool Screen::key_quits() {
  std::array<char, 64> keys{};
  const ssize_t got = ::read(tty_.get(), keys.data(), keys.size());
  if (got == 0) return true;  // the terminal has gone
  const std::string_view typed(keys.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  // Escape alone is the key; with more behind it, it is an arrow, or an answer that came late.
  return typed == "\x1b" || (!typed.starts_with('\x1b') && typed.find_first_of("qQ\x03\x04\x1c") != typed.npos);
}

Screen::Event Screen::wait(int fd, milliseconds most) {
  std::array<pollfd, 2> entries{{{fd, POLLIN, 0}, {tty_.get(), POLLIN, 0}}};
  const timespec within{most.count() / 1000, (most.count() % 1000) * 1'000'000};
  const int ready = ::ppoll(entries.data(), entries.size(), &within, &before_);
  if (ended_by != 0) return Event::quit;
  if (resized != 0) {
    resized = 0;
    return Event::resized;
  }
  if (ready <= 0) return Event::nothing;
  if (entries[1].revents != 0 && key_quits()) return Event::quit;
  return entries[0].revents != 0 ? Event::input : Event::nothing;
}

}  // namespace faceauth::enroll
