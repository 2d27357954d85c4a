#include <faced/server/process_text.h>

#include <gtest/gtest.h>

#include <string>

namespace faceauth {
namespace {

using namespace std::string_literals;

const std::string kRest = " S 17 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 10 11 18446744073709551615 1\n";

TEST(ProcessText, OfWhatTheKernelWrites) {
  const auto stat = process_stat_in("4711 (sshd)" + kRest);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->command, "sshd");
  EXPECT_EQ(stat->parent, 17);
  EXPECT_EQ(stat->began_at_tick, 98765U);
}

// So that it seems to be somebody else's child, or to have run for long.
TEST(ProcessText, ANameChangesNothingBesides) {
  for (const char* name : {"", ")", "(", "a) S 1 (b", ") R 1 1 1 1 ", "\n", "((("}) {
    const auto stat = process_stat_in("4711 ("s + name + ")" + kRest);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->command, name);
    EXPECT_EQ(stat->parent, 17);
    EXPECT_EQ(stat->began_at_tick, 98765U);
  }
}

TEST(ProcessText, WhatIsIncompleteIsNoProcess) {
  const std::string whole = "4711 (sshd)" + kRest;
  for (const std::string& text :
       {""s, "4711"s, "4711 (sshd"s, "4711 (sshd)"s, "4711 sshd) S 17"s, ") S 17 ("s, "4711 (sshd) S -1"s,
        "4711 (sshd) S 99999999999"s, "4711 (sshd) S x"s, whole.substr(0, whole.find("98765"))})
    EXPECT_FALSE(process_stat_in(text)) << text;
}

TEST(ProcessText, WhoConnectedStandsAtTheEndOfAnInstancesName) {
  for (const char* unit :
       {"a@7-4711-1000.service", "a@7-99-4711-1000.service", "a@7-99-4711_18446744073709551615-1000.service"}) {
    const auto caller = caller_in(unit);
    ASSERT_TRUE(caller) << unit;
    EXPECT_EQ(caller->pid, 4711) << unit;
    EXPECT_EQ(caller->uid, 1000U) << unit;
  }
  for (const char* unit :
       {"", "a", "a.service", "@.service", "a@.service", "a@7.service", "a@4711-1000.service", "a@-4711-1000.service",
        "a@7-unknown.service", "a@7-0-1000.service", "a@7--1000.service", "a@7-4711-.service", "a@7-4711-x.service",
        "a@7-x-1000.service", "a@7-_4-1000.service", "a@7-4711-4294967296.service", "a@7-99999999999-1000.service",
        "a@7-4711-1000", "a@7-4711-1000.socket"})
    EXPECT_FALSE(caller_in(unit)) << unit;
}

TEST(ProcessText, ACommandIsOneLineThatNoTerminalObeys) {
  EXPECT_EQ(command_in("sudo\0-u\0ann\0"s), "sudo -u ann");
  EXPECT_EQ(command_in("a\x1b[2J\nb\0\0\0"s), "a?[2J?b");
  EXPECT_EQ(command_in(""), "");
}

}  // namespace
}  // namespace faceauth
