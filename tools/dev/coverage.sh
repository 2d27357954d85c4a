#!/usr/bin/env bash
# coverage [CTEST-OPTION...]: which lines of keeper, PAM module and protocol the tests run, in per cent by part; what they
# do not run is listed in build-coverage/uncovered. Without options: all tests but those that need the real eye at its
# speed. The eye's processes end by SIGKILL, which leaves no counts, so the eye's own folder is not among the parts.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test
cd "$FACEAUTH_ROOT"
build_preset coverage faced faced-vision enroll-tool pam_faceauth coverage_tests
find build-coverage -name '*.gcda' -delete
[ $# -gt 0 ] || set -- -E '^(unit_vision[.]|RealCrowd|MainPath|Sandbox|InfraredPath|fuzz_corpus|unit_accuracy)'
# Tests run as other users too, and count as well: so the counts' files are there before, for everybody to write. (With
# umask 0 instead, what tests make would be open to others, and refused.)
find build-coverage -type d -exec chmod a+rwx {} +
find build-coverage -name '*.gcno' -print0 | while IFS= read -r -d '' notes; do
  install -m 0666 /dev/null "${notes%.gcno}.gcda"
done
code=0
FACEAUTH_KILLS=5 ctest --test-dir build-coverage -j "$(nproc)" "$@" >build-coverage/ctest.log 2>&1 || code=$?
grep -E '^[0-9]+% tests passed|Failed\)$' build-coverage/ctest.log | head -40 || true
python3 tools/dev/coverage.py build-coverage | tee build-coverage/coverage.txt
[ "$code" -eq 0 ] || say "some tests failed in this build: see build-coverage/ctest.log"
