#!/usr/bin/env bash
# build: everything, release, into build/.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
[ $# -eq 0 ] || die 2 "build: takes no options"
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for build,test
build_preset release
