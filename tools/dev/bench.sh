#!/usr/bin/env bash
# bench [Google Benchmark flags]: memory and start-up of both processes, then the benchmarks.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
bash "$FACEAUTH_ROOT/tools/dev/build.sh"
cd "$FACEAUTH_ROOT"
exec build/tests/bench/faceauth-bench "$@"
