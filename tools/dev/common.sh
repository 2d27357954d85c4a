# Sourced by every part of ./dev; FACEAUTH_ROOT is the checkout.
set -euo pipefail
export LC_ALL=C.UTF-8
export DEBIAN_FRONTEND=noninteractive
# A checkout may be used by root in a chroot where nobody set HOME.
export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
# Another checkout of the same sources finds what this one compiled.
export CCACHE_BASEDIR=$FACEAUTH_ROOT CCACHE_NOHASHDIR=true CCACHE_SLOPPINESS=pch_defines,time_macros
# The release preset has the flags of Debian's packages, so a package finds what that compiled; only there warnings are errors.
export CCACHE_IGNOREOPTIONS=-Werror

say() { printf '== %s\n' "$*"; }
die() {
  local code=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$code"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo --preserve-env=DEBIAN_FRONTEND "$@"
  else
    die 1 "Packages are missing ($*), and installing them needs root: run ./dev setup as root, or install sudo."
  fi
}

# packages SECTION...: names of those sections in packages.txt.
packages() {
  local section
  for section in "$@"; do
    awk -v want="[$section]" '
      { sub(/#.*/, ""); gsub(/[ \t]/, "") }
      /^\[/ { on = ($0 == want); next }
      on && NF { print }' "$FACEAUTH_ROOT/tools/dev/packages.txt"
  done
}

# install_packages SECTION...: apt is not even asked when everything is there.
install_packages() {
  local name missing=()
  for name in $(packages "$@"); do
    # A newer npm from elsewhere (nodesource) conflicts with Debian's and serves as well.
    if [ "$name" = npm ] && command -v npm >/dev/null; then continue; fi
    if ! dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed; then missing+=("$name"); fi
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local quiet=(-qq -o Dpkg::Use-Pty=0)
  if ! as_root apt-get "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
    # Empty or old package lists are the usual reason: refresh them once, then let errors show.
    as_root apt-get "${quiet[@]}" update
    as_root apt-get "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

# build_preset PRESET [TARGET...]: configures and builds, on every core.
build_preset() {
  local preset=$1 directory
  shift
  case $preset in
    release) directory=build ;;
    asan-ubsan) directory=build-asan ;;
    *) directory=build-$preset ;;
  esac
  (cd "$FACEAUTH_ROOT" && cmake --preset "$preset" >/dev/null && ninja -C "$directory" --quiet "$@")
}

# run_each WORD LOG-PREFIX COMMAND TEST...: each test program under COMMAND (a shell function that is given the program),
# its output into LOG-PREFIX-TEST.log. WORD says what was not found.
run_each() {
  local word=$1 prefix=$2 command=$3 test log failed=0
  shift 3
  for test in "$@"; do
    log=$prefix-$test.log
    if "$command" "$(find "$(dirname "$prefix")/tests" -type f -name "$test")" >"$log" 2>&1 && grep -q '^\[       OK' "$log"; then
      say "$test: $(grep -c '^\[       OK' "$log") tests, $word"
    else
      grep -E '^==[0-9]+== [A-Z]|WARNING: ThreadSanitizer|SUMMARY|\[  FAILED|\[  SKIPPED' "$log" | head -20 || true
      say "$test: FAILED, see $log"
      failed=$((failed + 1))
    fi
  done
  [ "$failed" -eq 0 ]
}
