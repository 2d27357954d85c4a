#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/unit/support/temp_dir.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace faceauth {
namespace {

using test::TempDir;

constexpr uid_t kSomebody = 4242;
bool root() { return ::geteuid() == 0; }

std::string content(const std::string& path) {
  auto fd = open_trusted(path);
  if (!fd) return "error: " + fd.error().message;
  auto text = read_all(fd->get(), 1000);
  return text ? *text : "error: " + text.error().message;
}

Errc code(const std::string& path) {
  auto fd = open_trusted(path);
  return fd ? Errc::ok : fd.error().code;
}

class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::string& to) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(to);
  }
  ~WorkingDirectory() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_;
};

TEST(TrustedFile, OpensAPrivateFileBelowASharedStickyDirectory) {
  const TempDir dir;  // below /tmp
  EXPECT_EQ(content(dir.write("faced.toml", "hello")), "hello");
  EXPECT_EQ(content(dir.path() + "//./faced.toml"), "hello");
  ::mkdir((dir / "sub").c_str(), 0700);
  EXPECT_EQ(content(dir / "sub/../faced.toml"), "hello");
}

TEST(TrustedFile, OpensRelativePaths) {
  const TempDir dir;
  dir.write("faced.toml", "hello");
  const WorkingDirectory here(dir.path());
  EXPECT_EQ(content("faced.toml"), "hello");
  EXPECT_EQ(content("./faced.toml"), "hello");
  ASSERT_EQ(::chmod(dir.path().c_str(), 0777), 0);
  EXPECT_EQ(code("faced.toml"), Errc::unsafe_path);
}

TEST(TrustedFile, TheDescriptorIsClosedOnExec) {
  const TempDir dir;
  const auto fd = open_trusted(dir.write("f", "x"));
  ASSERT_TRUE(fd.has_value());
  EXPECT_TRUE((::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST(TrustedFile, RefusesAFileThatOthersMayWrite) {
  const TempDir dir;
  for (const mode_t mode : {0620U, 0602U, 0666U}) {
    const std::string file = dir.write("faced.toml", "x", mode);
    const auto fd = open_trusted(file);
    ASSERT_FALSE(fd.has_value()) << mode;
    EXPECT_EQ(fd.error().code, Errc::unsafe_path);
    EXPECT_NE(fd.error().message.find("chmod go-w " + file), std::string::npos) << fd.error().message;
  }
  EXPECT_EQ(code(dir.write("faced.toml", "x", 0644)), Errc::ok);
}

TEST(TrustedFile, RefusesAParentThatOthersMayWriteAndNamesIt) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "open/inner");
  dir.write("open/inner/faced.toml", "x");
  ASSERT_EQ(::chmod((dir / "open").c_str(), 0777), 0);
  const auto fd = open_trusted(dir / "open/inner/faced.toml");
  ASSERT_FALSE(fd.has_value());
  EXPECT_EQ(fd.error().code, Errc::unsafe_path);
  EXPECT_NE(fd.error().message.find((dir / "open") + ": mode 0777"), std::string::npos) << fd.error().message;
}

TEST(TrustedFile, OnlyRootsStickyDirectoriesArePassed) {
  if (!root()) GTEST_SKIP() << "needs to change owners";
  const TempDir dir;
  std::filesystem::create_directories(dir / "shared");
  const std::string file = dir.write("shared/faced.toml", "x");
  ASSERT_EQ(::chmod((dir / "shared").c_str(), 01777), 0);
  EXPECT_EQ(code(file), Errc::ok);
  ASSERT_EQ(::chown((dir / "shared").c_str(), kSomebody, kSomebody), 0);
  EXPECT_EQ(code(file), Errc::unsafe_path);
}

// A reader who is not root, in directories of his own.
TEST(TrustedFile, AStickyDirectoryOfTheReadersOwnIsNotPassed) {
  if (!root()) GTEST_SKIP() << "needs to become somebody else";
  const TempDir dir;
  const std::string file = dir.write("faced.toml", "x");
  ASSERT_EQ(::chown(file.c_str(), kSomebody, kSomebody), 0);
  ASSERT_EQ(::chown(dir.path().c_str(), kSomebody, kSomebody), 0);
  const auto code_for_somebody = [&file] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(::setresuid(kSomebody, kSomebody, kSomebody) == 0 ? static_cast<int>(code(file)) : 255);
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<Errc>(WEXITSTATUS(status));
  };
  EXPECT_EQ(code_for_somebody(), Errc::ok);
  ASSERT_EQ(::chmod(dir.path().c_str(), 01777), 0);
  EXPECT_EQ(code_for_somebody(), Errc::unsafe_path);
}

TEST(TrustedFile, RefusesForeignOwners) {
  if (!root()) GTEST_SKIP() << "needs to change owners";
  const TempDir dir;
  std::filesystem::create_directories(dir / "inner");
  const std::string file = dir.write("inner/faced.toml", "x");
  ASSERT_EQ(::chown(file.c_str(), kSomebody, kSomebody), 0);
  EXPECT_EQ(code(file), Errc::unsafe_path);
  ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  EXPECT_EQ(code(file), Errc::ok);
  ASSERT_EQ(::chown((dir / "inner").c_str(), kSomebody, kSomebody), 0);
  EXPECT_EQ(code(file), Errc::unsafe_path);
}

TEST(TrustedFile, FollowsTrustedLinksInTheMiddleAndNoneAtTheEnd) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "real");
  dir.write("real/faced.toml", "hello");
  std::filesystem::create_directory_symlink(dir / "real", dir / "absolute");
  std::filesystem::create_directory_symlink("real/../real", dir / "relative");
  std::filesystem::create_symlink(dir / "real/faced.toml", dir / "last");
  EXPECT_EQ(content(dir / "absolute/faced.toml"), "hello");
  EXPECT_EQ(content(dir / "relative/faced.toml"), "hello");
  EXPECT_EQ(code(dir / "last"), Errc::unsafe_path);
  ASSERT_EQ(::chmod((dir / "real").c_str(), 0777), 0);  // the target is held to the same rules
  EXPECT_EQ(code(dir / "absolute/faced.toml"), Errc::unsafe_path);
  if (!root()) return;
  ASSERT_EQ(::chmod((dir / "real").c_str(), 0700), 0);
  ASSERT_EQ(::lchown((dir / "absolute").c_str(), kSomebody, kSomebody), 0);
  EXPECT_EQ(code(dir / "absolute/faced.toml"), Errc::unsafe_path);
}

TEST(TrustedFile, LinksThatGoRoundEnd) {
  const TempDir dir;
  std::filesystem::create_symlink("b", dir / "a");
  std::filesystem::create_symlink("a", dir / "b");
  EXPECT_EQ(code(dir / "a/faced.toml"), Errc::unsafe_path);
}

TEST(TrustedFile, FifosSocketsDevicesAndDirectoriesAreNoFilesAndNeverBlock) {
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(code(dir / "fifo"), Errc::unsafe_path);
  EXPECT_EQ(code("/dev/zero"), Errc::unsafe_path);
  EXPECT_EQ(code("/dev/ptmx"), Errc::unsafe_path);
  EXPECT_EQ(code(dir.path()), Errc::unsafe_path);
  EXPECT_EQ(code("/"), Errc::unsafe_path);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(TrustedFile, MissingThingsAreNotFound) {
  const TempDir dir;
  dir.write("file", "x");
  EXPECT_EQ(code(dir / "nothing"), Errc::not_found);
  EXPECT_EQ(code(dir / "no/such/file"), Errc::not_found);
  EXPECT_EQ(code(dir / "file/below"), Errc::not_found);
  EXPECT_EQ(code(""), Errc::not_found);
  EXPECT_EQ(code(std::string("/etc\0/passwd", 12)), Errc::not_found);
  EXPECT_EQ(code(dir / std::string(300, 'n')), Errc::io);
}

TEST(TrustedDirectory, OpensPrivateOnesOnly) {
  const TempDir dir;
  const auto fd = open_trusted_directory(dir.path());
  ASSERT_TRUE(fd.has_value()) << fd.error().message;
  EXPECT_EQ(::fsync(fd->get()), 0);
  EXPECT_TRUE(open_trusted_directory("/").has_value());

  const auto file = open_trusted_directory(dir.write("file", "x"));
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, Errc::unsafe_path);
  // Sticky directories may be passed, but a store does not live in one.
  ASSERT_EQ(::chmod(dir.path().c_str(), 01777), 0);
  const auto shared = open_trusted_directory(dir.path());
  ASSERT_FALSE(shared.has_value());
  EXPECT_EQ(shared.error().code, Errc::unsafe_path);
}

TEST(ReadAll, ReadsFromTheStartUpToTheBound) {
  const TempDir dir;
  const std::string text(50'000, 'a');
  const Fd fd(::open(dir.write("file", text).c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(fd.get(), 100, SEEK_SET), 100);
  EXPECT_EQ(read_all(fd.get(), 50'000).value(), text);
  const auto over = read_all(fd.get(), 49'999);
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, Errc::invalid_argument);
  const Fd empty(::open(dir.write("empty", "").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_all(empty.get(), 10).value(), "");
}

TEST(ReadAll, BoundsFilesThatClaimToBeEmpty) {
  const Fd fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));  // st_size is 0
  EXPECT_EQ(read_all(fd.get(), 10).error().code, Errc::invalid_argument);
}

TEST(ReadAll, RefusesWhatIsNoFile) {
  const Fd zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_all(zero.get(), 10).error().code, Errc::invalid_argument);
  EXPECT_EQ(read_all(-1, 10).error().code, Errc::io);
}

}  // namespace
}  // namespace faceauth
