#!/usr/bin/env bash
# Takes the texts of the PAM module from the sources into faceauth.pot. update.sh FILE writes them there instead.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(realpath -m "${1:-$root/po/faceauth.pot}")
cd "$root"
# No line numbers and no date: the template changes when a text does.
xgettext --language=C++ --from-code=UTF-8 --keyword --keyword=translated --keyword=N_ --no-location --sort-output \
  --package-name=faceauth --copyright-holder='faceauth developers' --output=- pam_module/*.cpp pam_module/person/*.cpp |
  sed -e '/^"POT-Creation-Date:/d' -e 's/charset=CHARSET/charset=UTF-8/' -e '/^# \(SOME\|This file\|FIRST\)/d' >"$out"
