#!/usr/bin/env bash
# texts.sh ROOT: the template holds the texts that the PAM module has, and every language has all of them.
set -uo pipefail
root=$1
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
bad=0
bash "$root/po/update.sh" "$fresh" || exit 1
cmp -s "$fresh" "$root/po/faceauth.pot" || { echo "po/faceauth.pot is not of these sources: run po/update.sh" && bad=1; }
for language in "$root"/po/*.po; do
  msgfmt --check --output-file=/dev/null "$language" || bad=1
  msgcmp "$language" "$fresh" || bad=1 # what is missing, untranslated or not looked over
done
exit $bad
