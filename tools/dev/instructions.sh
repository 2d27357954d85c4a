#!/usr/bin/env bash
# instructions [--new-baseline] [PART...]: how many instructions the hot path takes, under callgrind and with the same ones on every
# machine; fails when one of its parts takes over 5 % more than tests/bench/instructions.txt says. --new-baseline writes
# that file. The counts go into build/instructions.txt. Frames run the kernels for AVX2: without it they are left out.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
new='' known=(decision identify dlib empty face) parts=()
for word; do
  if [ "$word" = --new-baseline ]; then
    new=1
  elif [[ " ${known[*]} " == *" $word "* ]]; then
    parts+=("$word")
  else
    die 2 "instructions: unknown option or part '$word' (known: --new-baseline ${known[*]})"
  fi
done
[ -z "$new" ] || parts=()
[ ${#parts[@]} -gt 0 ] || parts=("${known[@]}")
cd "$FACEAUTH_ROOT"
has_avx2() { grep -qw avx2 "${FACEAUTH_CPUINFO:-/proc/cpuinfo}" && grep -qw fma "${FACEAUTH_CPUINFO:-/proc/cpuinfo}"; }
if ! has_avx2; then
  [ -z "$new" ] || die 1 "instructions: a baseline needs a processor with AVX2 and FMA, which frames are counted with"
  for i in "${!parts[@]}"; do
    case ${parts[i]} in face | empty)
      say "instructions: ${parts[i]} is left out: it is counted with AVX2 and FMA, which this processor lacks"
      unset "parts[i]" ;;
    esac
  done
fi
bash tools/dev/setup.sh --for build,test
build_preset release faceauth-hot-path
baseline=tests/bench/instructions.txt counts=build/instructions.txt

# count PART: OpenCV keeps to what every processor of the family has, libraries choose by what valgrind emulates.
count() {
  OPENCV_CPU_DISABLE=SSE4.1,SSE4.2,POPCNT,AVX,FP16,AVX2,FMA3,AVX512F,AVX512-COMMON,AVX512-SKX OPENCV_OPENCL_RUNTIME=disabled \
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM \
    valgrind --tool=callgrind --instr-atstart=no --collect-atstart=no --callgrind-out-file=/dev/null \
    build/tests/bench/faceauth-hot-path "$1" 2>"build/instructions-$1.log" &&
    sed -n 's/^==[0-9]*== Collected : \([0-9]*\).*/\1/p' "build/instructions-$1.log"
}

: >"$counts"
worse=0
for part in "${parts[@]}"; do
  if ! now=$(count "$part") || [ -z "$now" ]; then
    tail -n 20 "build/instructions-$part.log"
    die 1 "instructions: $part could not be counted"
  fi
  echo "$part $now" >>"$counts"
  [ -z "$new" ] || continue
  before=$(awk -v part="$part" '$1 == part { print $2 }' "$baseline")
  if [ -z "$before" ]; then die 1 "instructions: $baseline has no $part"; fi
  change=$(awk -v now="$now" -v before="$before" 'BEGIN { printf "%+.1f", 100 * (now / before - 1) }')
  say "instructions: $part $now, $change % of the baseline's"
  if awk -v now="$now" -v before="$before" 'BEGIN { exit !(now > before * 1.05) }'; then
    say "instructions: $part takes over 5 % more than before; if it is worth it: ./dev instructions --new-baseline"
    worse=1
  fi
done
if [ -n "$new" ]; then
  cp "$counts" "$baseline"
  say "instructions: $baseline is written"
fi
exit $worse
