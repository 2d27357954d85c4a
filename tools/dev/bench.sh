#!/usr/bin/env bash
# bench [Google Benchmark flags]: every benchmark five times, in random order, then the tables and the chart of
# docs/PERFORMANCE.md from them. With flags: the benchmarks alone, and docs/PERFORMANCE.md stays as it is.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
cd "$FACEAUTH_ROOT"
if [ $# -gt 0 ]; then
  bash tools/dev/build.sh
  exec build/tests/bench/faceauth-bench "$@"
fi
bash tools/dev/setup.sh --for build,eval
build_preset release faceauth-bench
say "benchmarks; this takes minutes"
build/tests/bench/faceauth-bench --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true \
  --benchmark_out=build/bench.json.part --benchmark_out_format=json >build/bench.log
mv build/bench.json.part build/bench.json
flags="$(grep -m 1 '^CMAKE_CXX_FLAGS:' build/CMakeCache.txt | cut -d= -f2-) $(grep -m 1 '^CMAKE_CXX_FLAGS_RELWITHDEBINFO:' build/CMakeCache.txt | cut -d= -f2-)"
python3 tools/dev/performance_tables.py build/bench.json docs/PERFORMANCE.md docs/pictures/performance.svg "$(c++ --version | head -n 1); $flags"
say "docs/PERFORMANCE.md and docs/pictures/performance.svg are up to date; every run: build/bench.json"
