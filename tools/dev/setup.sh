#!/usr/bin/env bash
# setup [--models-from DIR] [--for SECTION,...]: Debian packages and models. Default: for every verb.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
sections=build,test,lint,fuzz,valgrind,eval,package
fetch=()
while [ $# -gt 0 ]; do
  case $1 in
    --models-from)
      [ $# -ge 2 ] || die 2 "--models-from needs a directory"
      fetch=(--from "$2")
      shift 2
      ;;
    --for)
      [ $# -ge 2 ] || die 2 "--for needs a comma list of sections of tools/dev/packages.txt"
      sections=$2
      shift 2
      ;;
    *) die 2 "setup: unknown option '$1' (known: --models-from DIR, --for SECTIONS)" ;;
  esac
done
# shellcheck disable=SC2086
install_packages ${sections//,/ }
bash "$FACEAUTH_ROOT/models/fetch.sh" "${fetch[@]}" "$FACEAUTH_ROOT/build"
