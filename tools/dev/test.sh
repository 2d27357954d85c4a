#!/usr/bin/env bash
# test [--quick]: lint without clang-tidy (minutes: ./dev lint has it); the whole suite on the release build, then what is not
# labelled slow under ASan and UBSan; the packages and the fast part of the system tests; a short run of every fuzz target. Nothing is built
# beside a suite: a keeper whose disk is busy with objects acknowledges late. --quick: lint and the suite's fast tests on
# the release build. The last line counts CTest's cases, the system tests' cases, fuzz targets, lint and the
# hot path's instructions (one each).
. "$FACEAUTH_ROOT/tools/dev/common.sh"
quick=
case ${1:-} in
  --quick) quick=1 ;;
  '') ;;
  *) die 2 "test: unknown option '$1' (known: --quick)" ;;
esac
cd "$FACEAUTH_ROOT"
began=$SECONDS
passed=0 failed=0 skipped=0

# attribute NAME FILE: of the JUnit file's <testsuite>, which spans its first lines.
attribute() { head -n 10 "$2" | grep -o "\b$1=\"[0-9]*\"" | head -n 1 | tr -dc 0-9; }

# What failed tests printed, and their names.
show_failures() {
  awk '/^The following tests FAILED/ { on = 1 }
    /^ *[0-9]+\/[0-9]+ Test +#/ { on = /\*\*\*/ && !/\*\*\*Skipped/ }
    /^ +Start +[0-9]+: / { next }
    on && ++lines <= 400' "$1"
}

# suite BUILD-DIRECTORY [CTEST-OPTION...]
suite() {
  local directory=$1 tests bad off skip part wrong code=0 started=$SECONDS
  shift
  rm -rf "$directory/ctest.xml" "$directory/gtest"
  # Most tests wait. Those that measure take all places but one.
  ctest --test-dir "$directory" --output-junit "$PWD/$directory/ctest.xml" --output-on-failure --no-tests=error \
    -j "$(($(nproc) + 2))" "$@" >"$directory/ctest.log" 2>&1 || code=$?
  if [ ! -s "$directory/ctest.xml" ]; then
    tail -n 40 "$directory/ctest.log"
    failed=$((failed + 1))
    return
  fi
  tests=$(attribute tests "$directory/ctest.xml")
  bad=$(attribute failures "$directory/ctest.xml")
  off=$(attribute disabled "$directory/ctest.xml")
  skip=$(attribute skipped "$directory/ctest.xml")
  # CTest counts a part of a program as one; its cases are in a file that it wrote, unless it crashed.
  for part in "$directory"/gtest/*.xml; do
    [ -e "$part" ] || continue
    tests=$((tests - 1 + $(attribute tests "$part") - $(attribute disabled "$part")))
    skip=$((skip + $(grep -c 'result="skipped"' "$part" || true)))
    wrong=$(attribute failures "$part")
    if [ "$wrong" -gt 1 ]; then bad=$((bad + wrong - 1)); fi
  done
  # CTest also fails without a failed case: a test program that is missing counts as not run.
  if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
    tail -n 20 "$directory/ctest.log"
    bad=1 tests=$((tests + 1))
  fi
  if [ "$bad" -gt 0 ]; then show_failures "$directory/ctest.log"; fi
  say "$directory: $tests tests, $bad failed, $((skip + off)) skipped, $((SECONDS - started)) s"
  passed=$((passed + tests - bad - skip - off))
  failed=$((failed + bad))
  skipped=$((skipped + skip + off))
}

# system_fast: the packages, and real systems that use them; its counts are the last line of build/system-fast.log.
system_fast() {
  # In a session of its own, so that all of it ends at once, and nobody waits for a password that is asked for unseen.
  if [ "$(id -u)" -ne 0 ] && ! setsid --wait sudo --non-interactive true 2>/dev/null; then
    say "system tests: they need root, or sudo without a question" && echo "0 passed, 0 failed, 1 skipped"
  else
    # With precompiled headers the package's objects are the release build's, out of the compiler's cache.
    FACEAUTH_PRECOMPILED=1 exec setsid --wait bash tools/dev/system.sh --fast
  fi
}

count_system() {
  local good bad skip
  if counts=$(tail -n 1 build/system-fast.log | grep -xE '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped'); then
    read -r good bad skip <<<"$(tr -dc '0-9 \n' <<<"$counts")"
    say "system tests: $counts"
    grep -E 'FAILED|skipped:' build/system-fast.log || true
  else
    tail -n 40 build/system-fast.log
    good=0 bad=1 skip=0
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + skip))
}

sections=build,test,lint
[ -n "$quick" ] || sections+=,fuzz,package,system
bash tools/dev/setup.sh --for "$sections"
say "release build"
build_preset release
if bash tools/dev/lint.sh --fast; then passed=$((passed + 1)); else failed=$((failed + 1)); fi

if [ -n "$quick" ]; then
  suite build -LE slow
else
  suite build
  # Machines mostly wait, the package takes a minute, and valgrind one core: they go beside builds and fuzzing.
  say "packages and system tests, and the hot path's instructions, beside the ASan and UBSan build and the fuzz targets"
  system_fast >build/system-fast.log 2>&1 &
  system=$!
  bash tools/dev/instructions.sh decision identify dlib face >build/instructions.log 2>&1 &
  instructions=$!
  trap 'kill -- "-$system" "$instructions" 2>/dev/null || true' EXIT
  build_preset asan-ubsan
  say "built; fuzz targets, 5 s each"
  bash tools/dev/fuzz.sh --seconds 5 | tee build/fuzz.log || true
  if counts=$(grep -o '^fuzz: [0-9]* targets without a finding, [0-9]* with' build/fuzz.log); then
    read -r good bad <<<"$(tr -dc '0-9 \n' <<<"$counts")"
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$good" -eq 0 ]; then failed=$((failed + 1)); fi
  else
    failed=$((failed + 1))
  fi
  wait "$system" || true
  count_system
  if wait "$instructions"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  trap - EXIT
  cat build/instructions.log
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1 \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 FACEAUTH_KILLS=10 suite build-asan -LE slow
fi
say "took $((SECONDS - began)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
