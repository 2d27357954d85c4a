#include <faced/util/fd.h>
#include <faced/util/log.h>
#include <faced/util/log_format.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/unit/support/temp_dir.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace faceauth::log {
namespace {

using testing::ElementsAre;

TEST(Sanitised, KeepsTextAndReplacesWhatATerminalObeys) {
  EXPECT_EQ(sanitised("Zoë 東京 🙂"), "Zoë 東京 🙂");
  EXPECT_EQ(sanitised("a\nb\tc\x1b[2Jd\x7f"), "a?b?c?[2Jd?");
  EXPECT_EQ(sanitised(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(sanitised("\xc2\x9b"), "??") << "C1 control as UTF-8";
  EXPECT_EQ(sanitised("\x9b"), "?") << "C1 control as a byte";
  EXPECT_EQ(sanitised("\xc0\xaf"), "??") << "overlong";
  EXPECT_EQ(sanitised("\xe0\x80\xaf"), "???") << "overlong";
  EXPECT_EQ(sanitised("\xed\xa0\x80"), "???") << "surrogate";
  EXPECT_EQ(sanitised("\xf4\x90\x80\x80"), "????") << "beyond Unicode";
  EXPECT_EQ(sanitised("x\xe6\x9d"), "x??") << "cut short";
}

TEST(PlainLine, NamesProgramLevelAndFields) {
  const Field fields[] = {{"FACEAUTH_USER", "ann"}, {"FACEAUTH_SERVICE", "sudo"}};
  EXPECT_EQ(plain_line("faced", Level::notice, "login", fields, false), "faced: notice: login user=ann service=sudo\n");
  EXPECT_EQ(plain_line("faced", Level::warning, "login", {}, true), "<4>faced: warning: login\n");
}

TEST(PlainLine, AValueCannotForgeAFieldOrALine) {
  const Field fields[] = {{"FACEAUTH_USER", "ann verdict=match"}, {"FACEAUTH_TTY", "a\"b\\"}, {"FACEAUTH_HOST", ""}};
  EXPECT_EQ(plain_line("faced", Level::info, "login\nfaced: info: forged", fields, false),
            "faced: info: login?faced: info: forged user=\"ann verdict=match\" tty=\"a\\\"b\\\\\" host=\"\"\n");
}

TEST(JournalEntry, CarriesPriorityAndFieldsUnquoted) {
  const Field fields[] = {{"FACEAUTH_USER", "ann b\nMESSAGE=forged"}};
  EXPECT_THAT(
      journal_entry("faced", Level::error, "no camera", fields),
      ElementsAre("MESSAGE=no camera", "PRIORITY=3", "SYSLOG_IDENTIFIER=faced", "FACEAUTH_USER=ann b?MESSAGE=forged"));
}

// stderr goes to a file while this lives.
class Captured {
 public:
  Captured() : file_(dir_.write("stderr", "")), before_(::dup(STDERR_FILENO)) {
    const Fd to(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    ::dup2(to.get(), STDERR_FILENO);
  }
  ~Captured() { ::dup2(before_.get(), STDERR_FILENO); }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }

 private:
  test::TempDir dir_;
  std::string file_;
  Fd before_;
};

TEST(Write, OneLineOnStderrWithoutSystemd) {
  ::unsetenv("JOURNAL_STREAM");
  const Captured captured;
  warning("first", {{"FACEAUTH_USER", "ann"}});
  error("second");
  EXPECT_EQ(captured.text(), "unit_util: warning: first user=ann\nunit_util: error: second\n");
}

TEST(Write, AStreamThatIsNotTheJournalGetsPlainLines) {
  const Captured captured;
  ::setenv("JOURNAL_STREAM", "1:2", 1);  // what a service sees whose stderr was redirected
  info("hello");
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(captured.text(), "unit_util: info: hello\n");
}

TEST(Write, TheStreamKeepsThePriorityWhereTheJournalSocketIsMissing) {
  if (::access("/run/systemd/journal/socket", F_OK) == 0) GTEST_SKIP() << "this machine has a journal";
  const Captured captured;
  struct stat st {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &st), 0);
  ::setenv("JOURNAL_STREAM", (std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino)).c_str(), 1);
  notice("hello");
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(captured.text(), "<5>unit_util: notice: hello\n");
}

}  // namespace
}  // namespace faceauth::log
