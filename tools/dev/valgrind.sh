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
failed=0
for test in "${tests[@]}"; do
  program=$(find build/tests -type f -name "$test")
  log=build/valgrind-$test.log
  if valgrind --quiet --error-exitcode=99 --trace-children=no --child-silent-after-fork=yes \
    --suppressions=tools/dev/valgrind.supp "$program" \
    --gtest_filter='-*Death*:*Kill*:Crash.*:*AThousandUsers*:LockoutProperty.*:Password.DefaultCost*:*time*:*hints*:*slow*' \
    >"$log" 2>&1; then
    say "$test: $(grep -c '^\[       OK' "$log") tests, nothing found"
  else
    grep -E '^==[0-9]+== [A-Z]|\[  FAILED' "$log" | head -20
    say "$test: FAILED, see $log"
    failed=$((failed + 1))
  fi
done
[ "$failed" -eq 0 ]
