#include <faced/auth/policy.h>

#include <gtest/gtest.h>

namespace faceauth {
namespace {

constexpr auto U = Factors::unset, N = Factors::none, F = Factors::face, P = Factors::password,
               E = Factors::face_or_password, B = Factors::face_and_password;

TEST(Join, IsThisTable) {
  constexpr Factors all[] = {U, N, F, P, E, B};
  constexpr Factors joined[6][6] = {
      //        U  N  F  P  E  B   <- module option
      /* U */ {N, N, F, P, E, B},
      /* N */ {N, N, N, N, N, N},
      /* F */ {F, N, F, B, F, B},
      /* P */ {P, N, B, P, P, B},
      /* E */ {E, N, F, P, E, B},
      /* B */ {B, N, B, B, B, B},
  };
  for (std::size_t s = 0; s < 6; ++s)
    for (std::size_t o = 0; o < 6; ++o)
      EXPECT_EQ(join({all[s], Intent::none, false}, all[o], Intent::unset).factors, joined[s][o])
          << "service " << s << " option " << o;
}

TEST(Join, TakesTheStrongerIntent) {
  constexpr Intent all[] = {Intent::unset, Intent::none, Intent::enter, Intent::gesture};
  for (const Intent service : all)
    for (const Intent option : all) {
      const Intent got = join({F, service, false}, F, option).intent;
      EXPECT_GE(got, service);
      EXPECT_GE(got, option);
      EXPECT_TRUE(got == service || got == option || got == Intent::none);
      EXPECT_NE(got, Intent::unset);
    }
}

// No option of a PAM line makes a service ask for less.
TEST(Join, AnOptionNeverWeakens) {
  for (const Factors service : {N, F, P, E, B})
    for (const Factors option : {U, N, F, P, E, B}) {
      const Factors got = join({service, Intent::none, false}, option, Intent::unset).factors;
      EXPECT_TRUE(!face_may_suffice(got) || face_may_suffice(service));
      EXPECT_TRUE(!password_may_suffice(got) || password_may_suffice(service));
    }
}

TEST(Suffice, EachAlone) {
  EXPECT_TRUE(face_may_suffice(F));
  EXPECT_TRUE(face_may_suffice(E));
  EXPECT_TRUE(password_may_suffice(P));
  EXPECT_TRUE(password_may_suffice(E));
  for (const Factors f : {U, N, P, B}) EXPECT_FALSE(face_may_suffice(f));
  for (const Factors f : {U, N, F, B}) EXPECT_FALSE(password_may_suffice(f));
}

}  // namespace
}  // namespace faceauth
