#!/usr/bin/env bash
# system [--fast] [--dist DIR] [PART...]: the packages on real systems, docs/SYSTEM-TESTS.md. Parts: systemd, clients, dead,
# desktop, autopkgtest, sddm, vm; default: all but the last two. --fast: the quick ones. --dist: test the .debs in DIR
# instead of building them.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
. "$FACEAUTH_ROOT/tests/system/parts.sh"
cd "$FACEAUTH_ROOT"
parts=() dist=
while [ $# -gt 0 ]; do
  case $1 in
    --fast) parts=("${fast_parts[@]}") ;;
    --dist)
      [ $# -ge 2 ] || die 2 "--dist needs a directory with the packages"
      dist=$(realpath "$2")
      shift
      ;;
    *)
      [[ " ${all_parts[*]} " == *" $1 "* ]] || die 2 "system: unknown part '$1' (known: ${all_parts[*]})"
      parts+=("$1")
      ;;
  esac
  shift
done
[ ${#parts[@]} -gt 0 ] || parts=("${default_parts[@]}")

sections=build,test,system targets=(demo-frames)
if [[ " ${parts[*]} " == *" vm "* ]]; then sections+=,vm targets+=(stand-in-vision); fi
bash tools/dev/setup.sh --for "$sections"
build_preset release "${targets[@]}"
if [ -z "$dist" ]; then
  bash tools/dev/package.sh
  dist=$FACEAUTH_ROOT/dist
fi
command=(env FACEAUTH_ROOT="$FACEAUTH_ROOT" FACEAUTH_DIST="$dist" HOME="$HOME" XDG_CACHE_HOME="${XDG_CACHE_HOME:-}"
  bash tests/system/run.sh "${parts[@]}")
# exec: whoever ends this process ends the machines.
[ "$(id -u)" -ne 0 ] || exec "${command[@]}"
as_root "${command[@]}"
