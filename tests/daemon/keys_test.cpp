// rekey, backup and restore with real processes.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <sys/stat.h>
#include <tests/support/built.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace faceauth::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr uid_t kAnn = 20000;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

void enroll(Daemon& daemon, const std::string& user, int seed) {
  const std::string photo = daemon.text_image(user + ".txt", "face " + std::to_string(seed));
  const Ran ran = tool(daemon, {"enroll", user, "--image", photo, "--password-stdin"}, user + "'s password\n");
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
}
DaemonOptions machine(std::vector<std::string> users) {
  return {.extra = "[service.password]\nfactors = \"password\"\n", .timeout_s = 2, .users = std::move(users)};
}
bool works(Daemon& daemon, const std::string& user, int seed) {
  const std::string photo = daemon.text_image("probe.txt", "face " + std::to_string(seed));
  // The password first: a restored face counts from then on.
  return login(daemon, user, {.password = user + "'s password", .service = "password"}).code == PAM_SUCCESS &&
         tool(daemon, {"verify", user, "--image", photo}).code == 0;
}

class Keys : public testing::Test {
 protected:
  Keys() : daemon(machine({"ann", "bob"})) {}
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    enroll(daemon, "ann", 11);
    enroll(daemon, "bob", 22);
  }
  Ran backup(const std::string& passphrase = "correct horse") {
    return tool(daemon, {"backup", file, "--passphrase-stdin"}, passphrase + "\n");
  }
  static Ran restore(const Daemon& to, const std::string& from, std::vector<std::string> more = {},
                     const std::string& passphrase = "correct horse") {
    more.insert(more.begin(), {"--json", "restore", from, "--passphrase-stdin"});
    return tool(to, more, passphrase + "\n");
  }

  Daemon daemon;
  const std::string file = (daemon.dir() / "saved.backup").string();
};

TEST_F(Keys, RekeyOfAKeyFileHappensWithoutARestartAndOutlivesOne) {
  const std::string old = read_file(daemon.dir() / "master.key"), ring = read_file(daemon.dir() / "store/keyring");
  const pid_t pid = daemon.pid();
  const Ran ran = tool(daemon, {"--json", "rekey"});
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  EXPECT_EQ(json::parse(ran.out)["settled"], true);
  EXPECT_EQ(daemon.pid(), pid);
  EXPECT_TRUE(works(daemon, "ann", 11));
  EXPECT_NE(read_file(daemon.dir() / "master.key"), old);
  EXPECT_FALSE(fs::exists(daemon.dir() / "master.key.new"));
  ASSERT_EQ(daemon.stop(), 0);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_TRUE(works(daemon, "ann", 11) && works(daemon, "bob", 22));
  ASSERT_EQ(daemon.stop(), 0);

  const std::string fresh = read_file(daemon.dir() / "master.key");
  fs::permissions(daemon.dir() / "master.key", fs::perms(0600));
  write_file(daemon.dir() / "master.key", old);
  EXPECT_FALSE(daemon.start()) << "the old key opens nothing any more";
  write_file(daemon.dir() / "master.key", fresh);
  EXPECT_TRUE(daemon.start());
}

TEST_F(Keys, RekeyBackupAndRestoreAreRootsAlone) {
  ASSERT_EQ(backup().code, 0);
  fs::permissions(file, fs::perms(0644));
  EXPECT_EQ(tool(daemon, {"rekey"}, {}, kAnn).code, 3);
  const std::string mine = (daemon.dir() / "mine").string();
  ASSERT_EQ(::mkdir(mine.c_str(), 0777), 0);
  fs::permissions(mine, fs::perms(0777));
  EXPECT_EQ(tool(daemon, {"backup", mine + "/b", "--passphrase-stdin"}, "x\n", kAnn).code, 3);
  EXPECT_TRUE(fs::is_empty(mine)) << "a backup that was refused leaves nothing";
  EXPECT_EQ(tool(daemon, {"restore", file, "--replace", "--passphrase-stdin"}, "correct horse\n", kAnn).code, 3);
  EXPECT_TRUE(works(daemon, "ann", 11));
  WireClient chunk_alone(daemon.socket());
  ASSERT_TRUE(chunk_alone.send(wire::Type::restore_chunk, wire::RestoreChunk{}));
  EXPECT_FALSE(chunk_alone.receive()) << "a chunk nobody asked for ends the connection";
}

// With a systemd-creds that only tells what it was asked, on an /etc and a /var/lib of its own.
TEST_F(Keys, TheTpmsPartIsBoundToHowTheMachineBoots) {
  const std::string bin = (daemon.dir() / "bin").string();
  fs::create_directories(bin);
  write_file(bin + "/systemd-creds",
             "#!/bin/sh\necho \"$*\" >>\"${0%/*}/asked\"\n"
             "case $1 in encrypt) cat ;; decrypt) cat \"$3\" ;; esac\n");
  fs::permissions(bin + "/systemd-creds", fs::perms(0755));
  const Ran made = run({"/usr/bin/unshare", "--mount", "/bin/sh", "-ec",
                        "mount -t tmpfs none /etc; mount -t tmpfs none /var/lib; PATH=" + bin + ":$PATH sh " +
                            built::source("systemd/seal-key")});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_NE(read_file(bin + "/asked").find("--with-key=host+tpm2 --tpm2-pcrs=7 "), std::string::npos)
      << read_file(bin + "/asked");
}

// A real sealed credential: systemd-creds seals and unseals it, with this machine's host secret.
class SealedKey : public Keys {
 protected:
  void SetUp() override {
    Keys::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(daemon.stop(), 0);
    fs::create_directories(given);
    ASSERT_EQ(run({"/usr/bin/systemd-creds", "encrypt", "--with-key=host", "--name=faceauth.key",
                   (daemon.dir() / "master.key").string(), sealed.string()})
                  .code,
              0);
    hand_over();
    std::string config = read_file(daemon.config());
    const std::string source = "file:" + (daemon.dir() / "master.key").string();
    config.replace(config.find(source), source.size(), "credential:faceauth.key");
    write_file(daemon.config(), config);
    ::setenv("CREDENTIALS_DIRECTORY", given.c_str(), 1);
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_TRUE(works(daemon, "ann", 11));
  }
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }

  void hand_over(const std::string& which = "") {
    fs::remove(given / "faceauth.key");
    const Ran ran = run({"/usr/bin/systemd-creds", "decrypt", "--name=faceauth.key", sealed.string() + which,
                         (given / "faceauth.key").string()});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  Ran rekey(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--json", "rekey", "--credential", sealed.string(), "--with-key", "host"});
    return tool(daemon, more);
  }
  bool restart() { return daemon.stop() == 0 && daemon.start(); }

  const fs::path given = daemon.dir() / "credentials", sealed = daemon.dir() / "faceauth.key.sealed";
};

TEST_F(SealedKey, BothOpenUntilTheNextStartWithTheNewOne) {
  EXPECT_EQ(tool(daemon, {"rekey", "--credential", "/nonexistent/faceauth.key"}).code, 4);
  const std::string before = read_file(sealed);
  const Ran ran = rekey();
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  EXPECT_EQ(json::parse(ran.out)["settled"], false);
  EXPECT_NE(read_file(sealed), before);
  EXPECT_EQ(read_file(sealed.string() + ".old"), before);
  EXPECT_TRUE(works(daemon, "ann", 11)) << "no pause";

  ASSERT_TRUE(restart()) << "with the old credential still handed over";
  EXPECT_TRUE(works(daemon, "ann", 11));
  hand_over();
  ASSERT_TRUE(restart()) << "with the new one\n" << daemon.log();
  EXPECT_TRUE(works(daemon, "ann", 11));
  hand_over(".old");
  ASSERT_EQ(daemon.stop(), 0);
  EXPECT_FALSE(daemon.start()) << "the old one opens nothing any more";
}

TEST_F(SealedKey, ChangesThatWereLeftAreEndedWithoutARestart) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(rekey().code, 0) << daemon.log();
  EXPECT_EQ(rekey().code, 7) << "no place is left for another";
  const fs::path foreign = daemon.dir() / "foreign.sealed";
  write_file(daemon.dir() / "foreign", std::string(32, 'f'));
  ASSERT_EQ(run({"/usr/bin/systemd-creds", "encrypt", "--with-key=host", "--name=faceauth.key",
                 (daemon.dir() / "foreign").string(), foreign.string()})
                .code,
            0);
  EXPECT_NE(tool(daemon, {"rekey", "--settle", "--credential", foreign.string()}).code, 0) << "it opens nothing";
  EXPECT_TRUE(works(daemon, "ann", 11));

  const Ran settled = rekey({"--settle"});
  ASSERT_EQ(settled.code, 0) << settled.err << daemon.log();
  EXPECT_EQ(json::parse(settled.out)["settled"], true);
  EXPECT_TRUE(works(daemon, "ann", 11)) << "no pause";
  EXPECT_NE(daemon.log().find("the only one that opens the store"), std::string::npos) << daemon.log();
  const std::string told = daemon.log();
  EXPECT_EQ(rekey({"--settle"}).code, 0) << "nothing to end is no error";
  EXPECT_EQ(daemon.log().substr(told.size()).find("master key"), std::string::npos) << "nor a change";
  hand_over(".old");
  ASSERT_EQ(daemon.stop(), 0);
  EXPECT_FALSE(daemon.start()) << "the one before opens nothing any more";
  hand_over();
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_TRUE(works(daemon, "ann", 11));
  EXPECT_EQ(rekey().code, 0) << "there is place again";
}

TEST_F(Keys, OfAKeyFileNothingIsLeftToEnd) { EXPECT_EQ(tool(daemon, {"rekey", "--settle"}).code, 2); }

TEST_F(Keys, ABackupIsRestoredOnAnotherMachineUnderItsOwnKey) {
  const Ran saved = backup();
  ASSERT_EQ(saved.code, 0) << saved.err << daemon.log();
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  const std::string content = read_file(file);
  for (const char* word : {"ann", "bob", "stand-in", "argon2", "default"})
    EXPECT_EQ(content.find(word), std::string::npos) << word;

  Daemon other(machine({"ann", "bob"}));
  ASSERT_TRUE(other.start());
  EXPECT_EQ(restore(other, file, {}, "wrong horse").code, 3);
  EXPECT_EQ(tool(other, {"list", "ann"}).code, 4);
  const Ran back = restore(other, file);
  ASSERT_EQ(back.code, 0) << back.err << other.log();
  EXPECT_EQ(json::parse(back.out)["users"], 2);
  EXPECT_TRUE(works(other, "ann", 11) && works(other, "bob", 22));
  EXPECT_EQ(tool(other, {"log", "--verify"}).code, 0);
  EXPECT_EQ(restore(other, file).code, 2) << "there are users now";
  EXPECT_EQ(restore(other, file, {"--merge"}).code, 0);
  EXPECT_EQ(restore(other, file, {"--replace"}).code, 0);
  EXPECT_TRUE(works(other, "ann", 11));
}

TEST_F(Keys, UsersWhoAreNotTheSameHereNeedRootsWord) {
  ASSERT_EQ(backup().code, 0);
  Daemon other(machine({"bob", "ann"}));  // the uids changed places
  ASSERT_TRUE(other.start());
  const Ran refused = restore(other, file);
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.out.find("adopt-uids"), std::string::npos) << refused.out;
  EXPECT_EQ(json::parse(tool(other, {"--json", "list"}).out)["users"].size(), 0U);
  ASSERT_EQ(restore(other, file, {"--adopt-uids"}).code, 0);
  EXPECT_EQ(json::parse(tool(other, {"--json", "list", "bob"}).out)["users"][0]["uid"], 20000);
  EXPECT_TRUE(works(other, "ann", 11) && works(other, "bob", 22));

  // Here the name service says of an unknown user that it failed (nss_wrapper's ENOENT, as of a directory that is
  // down).
  Daemon third(machine({"ann"}));
  ASSERT_TRUE(third.start());
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--skip-unknown"}}) {
    const Ran unclear = restore(third, file, more);
    EXPECT_NE(unclear.code, 0) << "nobody is left out because of a failure";
    EXPECT_EQ(json::parse(tool(third, {"--json", "list"}).out)["users"].size(), 0U);
  }
}

TEST_F(Keys, WhomTheSystemSurelyDoesNotKnowMayBeLeftOut) {
  Daemon from(machine({"daemon", "faceauth-no-such-user"}));
  ASSERT_TRUE(from.start());
  enroll(from, "daemon", 11);
  enroll(from, "faceauth-no-such-user", 22);
  ASSERT_EQ(tool(from, {"backup", file, "--passphrase-stdin"}, "correct horse\n").code, 0);
  Daemon real({.this_systems_users = true});
  ASSERT_TRUE(real.start());
  EXPECT_EQ(restore(real, file, {"--adopt-uids"}).code, 2) << "not without a word of root's";
  const Ran partly = restore(real, file, {"--adopt-uids", "--skip-unknown"});
  ASSERT_EQ(partly.code, 0) << partly.out << partly.err;
  EXPECT_EQ(json::parse(partly.out)["left_out"], 1);
  const json users = json::parse(tool(real, {"--json", "list"}).out)["users"];
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0]["user"], "daemon");
}

// A password that is being checked is one registration's. Ann is removed meanwhile, and somebody registered under her
// name: her password must open nothing of his.
TEST_F(Keys, APasswordInCheckSaysNothingAboutWhoIsRegisteredMeanwhile) {
  const std::string photo = daemon.text_image("other.txt", "face 33");
  for (int attempt = 0; attempt < 20; ++attempt) {
    // Others' checks keep both workers busy, so that hers waits.
    std::vector<WireClient> busy;
    for (int i = 0; i < 6; ++i) {
      busy.emplace_back(daemon.socket());
      const std::string passphrase = "waits " + std::to_string(i);
      ASSERT_TRUE(busy.back().send(wire::Type::backup, wire::BackupBegin{text(passphrase)}));
    }
    WireClient hers(daemon.socket()), roots(daemon.socket());
    ASSERT_TRUE(hers.send(wire::Type::prove_password, wire::ProvePassword{text("ann"), text("ann's password")}));
    ASSERT_TRUE(hers.receive());  // ack: from here on it is in check
    ASSERT_TRUE(roots.send(wire::Type::remove, wire::Remove{text("ann"), {}}));
    ASSERT_EQ(roots.answer()->header.type, wire::Type::done);
    ASSERT_TRUE(roots.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("ann"), .force = true}));
    ASSERT_TRUE(roots.receive());
    ASSERT_TRUE(roots.send_image(photo));
    ASSERT_EQ(roots.answer()->header.type, wire::Type::image_result);
    ASSERT_TRUE(roots.send(wire::Type::finish, wire::Empty{}));
    ASSERT_EQ(roots.answer()->header.type, wire::Type::done);
    const bool came_early = hers.receive(std::chrono::milliseconds(0)).has_value();
    if (!came_early) {
      const auto answered = hers.answer(std::chrono::seconds(60));  // behind the six
      ASSERT_TRUE(answered);
      ASSERT_EQ(answered->header.type, wire::Type::failure) << "her password proved something about another";
      EXPECT_EQ(answered->as<wire::Failure>()->code, Errc::not_found);
      const json user = json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0];
      EXPECT_EQ(user["password"], false);
      return;
    }
    ASSERT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
    enroll(daemon, "ann", 11);
  }
  FAIL() << "the check was always faster than a registration";
}

TEST_F(Keys, ADamagedBackupLeavesTheStoreAsItWas) {
  ASSERT_EQ(backup().code, 0);
  const std::string good = read_file(file);
  const auto refused = [&](const std::string& content, const char* what) {
    write_file(file, content);
    const Ran ran = restore(daemon, file, {"--replace"});
    EXPECT_NE(ran.code, 0) << what;
    EXPECT_NE(ran.code, 6) << what << ": " << ran.err;
    EXPECT_TRUE(works(daemon, "ann", 11)) << what;
  };
  refused(good.substr(0, good.size() - 1), "a byte less");
  refused(good + "x", "a byte more");
  // Lengths tell where the chunks lie; the last, the end, goes as a whole.
  std::vector<std::string> chunks;
  for (std::size_t at = 58; at + 2 <= good.size();) {
    const std::size_t size = 2 + static_cast<std::uint8_t>(good[at]) + 256U * static_cast<std::uint8_t>(good[at + 1]);
    chunks.push_back(good.substr(at, size));
    at += size;
  }
  ASSERT_EQ(chunks.size(), 6U);  // start, two users with a template each, end
  const auto of = [&](std::vector<std::size_t> order) {
    std::string content = good.substr(0, 58);
    for (const std::size_t i : order) content += chunks[i];
    return content;
  };
  ASSERT_EQ(of({0, 1, 2, 3, 4, 5}), good);
  refused(of({0, 1, 2, 3, 4}), "without its end");
  refused(of({0, 1, 2, 5}), "without a user");
  refused(of({0, 3, 4, 1, 2, 5}), "users swapped");
  refused(of({0, 1, 2, 3, 4, 5, 5}), "two ends");
  for (const std::size_t at :
       {std::size_t{3}, std::size_t{12}, std::size_t{20}, std::size_t{40}, std::size_t{70}, good.size() / 2}) {
    std::string altered = good;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    refused(altered, "a changed bit");
  }
  write_file(file, good);
  EXPECT_EQ(restore(daemon, file, {"--replace"}).code, 0);
  EXPECT_EQ(restore(daemon, (daemon.dir() / "faced.toml").string()).code, 2) << "no backup at all";
  EXPECT_EQ(restore(daemon, "/nonexistent").code, 4);
}

TEST_F(Keys, ABackupThatIsBrokenOffLeavesNoFile) {
  const std::string gone = (daemon.dir() / "no such directory/b").string();
  EXPECT_EQ(tool(daemon, {"backup", gone, "--passphrase-stdin"}, "x\n").code, 70);
  EXPECT_EQ(tool(daemon, {"backup", file, "--passphrase-stdin"}, "\n").code, 2);
  for (const auto& entry : fs::directory_iterator(daemon.dir()))
    EXPECT_EQ(entry.path().string().find("saved.backup"), std::string::npos) << entry.path();
}

}  // namespace
}  // namespace faceauth::test
