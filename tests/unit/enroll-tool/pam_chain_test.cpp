// What enroll-tool thinks a stack does, against what libpam makes of it.
#include <enroll-tool/pam_chain.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "real_libpam.h"

namespace faceauth::enroll::pam {
namespace {

using Files = std::map<std::string, std::string>;

Reader reader(const Files& files) {
  return [&files](const std::string& name) -> Result<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return fail(Errc::not_found, "no such file");
    return found->second;
  };
}

Chain chain_of(const Files& files, const std::string& service) {
  return flatten(parse_file(files.at(service)), service, reader(files));
}

TEST(PamChain, FollowsEveryKindOfInclude) {
  const Files files{{"svc",
                     "session required pam_deny.so\n@include common\nauth substack sub\nauth include common\n"
                     "account include nowhere\n"},
                    {"common", "auth required pam_unix.so\naccount required pam_deny.so\n"},
                    {"sub", "auth required pam_faceauth.so\nauth optional pam_faceauth.so report\n"}};
  const Chain chain = chain_of(files, "svc");
  ASSERT_EQ(chain.entries.size(), 5u);
  EXPECT_TRUE(chain.broken.empty());
  EXPECT_EQ(chain.entries[0].role, Role::password);
  EXPECT_EQ(chain.entries[0].file, "common");
  EXPECT_EQ(chain.entries[0].own_line, 1u);
  EXPECT_EQ(chain.entries[1].role, Role::substack);
  EXPECT_EQ(chain.entries[2].role, Role::face);
  EXPECT_EQ(chain.entries[2].level, 1);
  EXPECT_EQ(chain.entries[3].role, Role::report);
  EXPECT_EQ(chain.entries[4].own_line, 3u);
}

TEST(PamChain, CirclesTreesAndGapsEnd) {
  const Files circle{{"a", "auth include b\n"}, {"b", "auth include a\nauth include a\n"}};
  EXPECT_FALSE(chain_of(circle, "a").broken.empty());
  EXPECT_LE(chain_of(circle, "a").entries.size(), 1000u);
  Files tree;
  for (int i = 0; i < 15; ++i)
    tree[fmt::format("t{}", i)] = fmt::format("auth include t{}\nauth include t{}\n", i + 1, i + 1);
  tree["t15"] = "auth required pam_unix.so\n";
  EXPECT_FALSE(chain_of(tree, "t0").broken.empty());
  const Files gap{{"a", "@include missing\nauth required pam_permit.so\n"}};
  EXPECT_FALSE(chain_of(gap, "a").broken.empty());
}

TEST(PamChain, AJumpOverTheEndIsFound) {
  for (const auto& [text, bad] :
       {std::pair<const char*, bool>{"auth [success=2 default=ignore] pam_unix.so\n"
                                     "auth required pam_permit.so\n",
                                     true},
        {"auth [success=1 default=ignore] pam_unix.so\nauth required pam_permit.so\n", false}}) {
    const Files files{{"svc", text}};
    const Chain chain = chain_of(files, "svc");
    EXPECT_EQ(walk(chain.entries, [](std::size_t) { return kAnything; }).bad_jumps.size(), bad ? 1u : 0u) << text;
  }
}

// Stacks of pam_debug.so, which returns what its line says, with controls drawn from all there are.
class RandomStacks : public ::testing::Test {
 protected:
  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }

  std::string control() {
    static const std::vector<std::string> words{"required", "requisite", "sufficient", "optional"};
    static const std::vector<std::string> actions{"ignore", "ok", "done", "bad", "die", "reset", "1", "2", "3"};
    if (random_() % 3 == 0) return pick(words);
    std::string out = "[success=" + pick(actions);
    if (random_() % 2 == 0) out += " auth_err=" + pick(actions);
    return out + " default=" + pick(actions) + "]";
  }

  std::string stack(int depth) {
    std::string out;
    for (auto rows = 1 + random_() % 5; rows > 0; --rows) {
      if (depth < 2 && random_() % 5 == 0) {
        const std::string name = fmt::format("part{}", files_.size());
        files_[name];
        files_[name] = stack(depth + 1);
        out += random_() % 4 == 0 ? "@include " + name + "\n"
                                  : fmt::format("auth {} {}\n", pick({"include", "substack"}), name);
      } else {
        const std::string code = pick({"success", "success", "auth_err", "user_unknown", "ignore"});
        out += fmt::format("auth {} pam_debug.so auth={}\n", control(), code);
      }
    }
    return out;
  }

  std::mt19937 random_{20'240'101};
  Files files_;
};

Codes code_of(const Entry& entry) {
  static const std::map<std::string, Codes> codes{{"auth=success", kSucceeds},
                                                  {"auth=auth_err", 1u << kAuthErr},
                                                  {"auth=user_unknown", 1u << 10},
                                                  {"auth=ignore", 1u << kIgnored}};
  return entry.words.empty() ? kFails : codes.at(entry.words[0]);
}

TEST_F(RandomStacks, TheWalkAgreesWithLibpam) {
  int granted = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    files_.clear();
    files_["svc"] = "";
    files_["svc"] = stack(0);
    const bool real = test::authenticate(files_, "svc").code == PAM_SUCCESS;
    const Chain chain = chain_of(files_, "svc");
    const Ways ways = walk(chain.entries, [&](std::size_t i) { return code_of(chain.entries[i]); });
    ASSERT_TRUE(chain.broken.empty());
    EXPECT_EQ(ways.ends.size(), 1u);
    EXPECT_EQ(ways.may_grant(), real) << files_["svc"] << ::testing::PrintToString(files_);
    ++(real ? granted : refused);
  }
  EXPECT_GT(granted, 200);
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace faceauth::enroll::pam
