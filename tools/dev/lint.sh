#!/usr/bin/env bash
# lint [--fast]: layers, lengths, public headers, format, clang-tidy. --fast leaves clang-tidy out.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
cd "$FACEAUTH_ROOT"
fast=
case ${1:-} in
  --fast) fast=1 ;;
  '') ;;
  *) die 2 "lint: unknown option '$1' (known: --fast)" ;;
esac
bash tools/dev/setup.sh --for build,test,lint

failed=()
check() { # NAME COMMAND...
  local name=$1 started=$SECONDS
  shift
  if "$@"; then
    echo "lint: $name: ok ($((SECONDS - started)) s)"
  else
    echo "lint: $name: FAILED"
    failed+=("$name")
  fi
}

formatted() {
  find include faced pam_module enroll-tool tests \( -name '*.h' -o -name '*.c' -o -name '*.cpp' \) -print0 |
    xargs -0 clang-format --dry-run -Werror
}

# Each public header alone, as a client would include it; the codecs are the tail of protocol.h.
headers_stand_alone() {
  local header bad=0
  for header in include/faceauth/*.h; do
    [[ "$header" != *_codec.h ]] || continue
    echo "#include <faceauth/$(basename "$header")>" |
      g++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -Iinclude -x c++ - || bad=1
  done
  return $bad
}

# The layer check itself, on a tree with three breaches.
layers_script_finds() {
  local tree found=0
  tree=$(mktemp -d)
  mkdir -p "$tree/include/faceauth" "$tree/faced/vision" "$tree/faced/store" "$tree/pam_module" "$tree/enroll-tool"
  echo >"$tree/faced/store/store.h"
  printf '#include <faced/store/store.h>\n#include <sodium.h>\n' >"$tree/faced/vision/eye.cpp"
  python3 tools/lint/layers.py "$tree" >"$tree/out" && found=1
  grep -q 'faced/vision may not include faced/store/store.h' "$tree/out" || found=1
  grep -q 'sodium.h> is at home in faced/crypto only' "$tree/out" || found=1
  grep -q 'is no longer used' "$tree/out" || found=1
  rm -rf "$tree"
  return $found
}

# The sources, not the tests; without the two files that instantiate dlib (minutes each).
tidy() {
  cmake --preset release >/dev/null
  run-clang-tidy-16 -clang-tidy-binary clang-tidy-16 -p build -j "$(nproc)" -quiet \
    "^$PWD/(faced/(?!vision/dlib_)|pam_module|enroll-tool)" >build/tidy.log 2>build/tidy.err || {
    grep -E '(warning|error):|^error' -A 3 build/tidy.log build/tidy.err | head -200
    return 1
  }
}

check layers python3 tools/lint/layers.py
check "layer check finds wrong arrows" layers_script_finds
check "files and model pins" python3 tools/lint/files.py
check "public headers stand alone" headers_stand_alone
check format formatted
[ -n "$fast" ] || check clang-tidy tidy
if [ ${#failed[@]} -gt 0 ]; then die 1 "lint: failed: ${failed[*]}"; fi
