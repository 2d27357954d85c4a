#!/usr/bin/env bash
# tsan: the programs with threads (the keeper's pools, the tests of what runs on them) under ThreadSanitizer.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
[ $# -eq 0 ] || die 2 "tsan: takes no options"
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test
cd "$FACEAUTH_ROOT"
tests=(unit_util unit_crypto unit_store unit_server unit_vision_link daemon_login daemon_robustness daemon_report daemon_ledger)
build_preset tsan "${tests[@]}"
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$FACEAUTH_ROOT/tests/tsan.supp
plainly() { "$1"; }
run_each "no race" build-tsan/tsan plainly "${tests[@]}"
