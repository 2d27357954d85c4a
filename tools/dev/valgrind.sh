#!/usr/bin/env bash
# valgrind: the keeper's layers, the protocol and the PAM module's logins under Memcheck; reads of memory nobody set, which
# the sanitizers do not see.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
[ $# -eq 0 ] || die 2 "valgrind: takes no options"
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test,valgrind
cd "$FACEAUTH_ROOT"
# Without the tests that are about time, or that end processes on purpose.
tests=(unit_protocol unit_util unit_config unit_crypto unit_auth unit_store pam_login pam_password)
build_preset release "${tests[@]}"
memcheck() {
  valgrind --quiet --error-exitcode=99 --trace-children=no --child-silent-after-fork=yes \
    --suppressions=tools/dev/valgrind.supp "$1" \
    --gtest_filter='-*Death*:*Kill*:Crash.*:*AThousandUsers*:LockoutProperty.*:Password.DefaultCost*:*time*:*hints*:*slow*'
}
run_each "nothing found" build/valgrind memcheck "${tests[@]}"
