#!/usr/bin/env bash
# fuzz [--minutes N | --seconds N]: every fuzz target for that long, as many at once as there are cores. Findings land in
# build-fuzz/findings.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
seconds=60
while [ $# -gt 0 ]; do
  [[ "$1" =~ ^--(minutes|seconds)$ && "${2:-}" =~ ^[1-9][0-9]*$ ]] || die 2 "usage: ./dev fuzz [--minutes N | --seconds N]"
  seconds=$2
  [ "$1" = --seconds ] || seconds=$(($2 * 60))
  shift 2
done
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test,fuzz
build_preset fuzz fuzzers
cd "$FACEAUTH_ROOT"

# fuzz_target PROGRAM: its last line says "no finding" or where the input lies.
fuzz_target() {
  local name=${1##*/} log
  log=build-fuzz/$name.log
  mkdir -p "build-fuzz/corpus/$name" "build-fuzz/findings/$name"
  # New inputs go to the first folder; the checked-in corpus is only read.
  if "$1" "build-fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="build-fuzz/findings/$name/" >"$log" 2>&1; then
    say "$name: $seconds s, $(grep -o 'Done [0-9]* runs' "$log" | tail -n 1)," \
      "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9) edges, no finding"
  else
    tail -n 30 "$log" >&2
    say "$name: FAILED; input in build-fuzz/findings/$name/"
    return 1
  fi
}

passed=0 failed=0 running=0
count_one() {
  if wait -n; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  running=$((running - 1))
}
for target in build-fuzz/tests/fuzz/fuzz_*; do
  if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
  [ "$running" -lt "$(nproc)" ] || count_one
  fuzz_target "$target" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do count_one; done
echo "fuzz: $passed targets without a finding, $failed with"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
