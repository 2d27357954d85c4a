#!/usr/bin/env bash
# lint [--fast]: layers, lengths, manual pages, completions, units, public headers, format, clang-tidy. --fast leaves clang-tidy out.
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

# Warnings and errors; of matters of style, mandoc has opinions on every page.
pages_are_clean() { mandoc -T lint -W warning man/*; }

# The check of manual pages and completions itself: each of these breaches, alone, in a copy.
docs_script_finds() {
  local tree breach file expression want missed=0
  tree=$(mktemp -d)
  while IFS='|' read -r file expression want; do
    cp -r --parents -t "$tree" README.md NEWS man completions etc/faced.toml enroll-tool/main.cpp enroll-tool/exit_codes.h \
      faced/main.cpp faced/config/config_parser.cpp pam_module
    sed -i "$expression" "$tree/$file"
    breach=$(python3 tools/lint/docs.py "$tree" || true)
    grep -qF -- "$want" <<<"$breach" || { echo "not found: $file, $expression" && missed=1; }
  done <<'TEXT'
man/faced.toml.5|/^.It Sy delay_s/d|does not tell of lockout.delay_s
man/faced.toml.5|s/^Default: 50/Default: 5/|lockout.disable_after has the default 5, and 50
faced/config/config_parser.cpp|s/integer("failures"/integer("tries"/|tells of lockout.failures, which is no key
man/enroll-tool.1|/^.It Cm unlock/d|does not tell of unlock
man/enroll-tool.1|/^.It 7$/d|exit status 7
completions/_enroll-tool|s/identify//g|lacks the verb identify
completions/enroll-tool.fish|s/-l dry-run//|lacks the option --dry-run
completions/enroll-tool.bash|s/--label//g|lacks the option --label
completions/faced.bash|s/--check-config//|lacks --check-config
man/faced.8|s/-check-config//|does not tell of --check-config
man/pam_faceauth.8|/^.It Cm report/d|does not tell of report
man/pam_faceauth.8|/^.It Dv PAM_MAXTRIES/d|does not tell of PAM_MAXTRIES
README.md|$ a @@FIGURES@@|a place to be filled in: @@FIGURES@@
man/faced.8|$ a @@FIGURES@@|a place to be filled in: @@FIGURES@@
TEXT
  rm -rf "$tree"
  return $missed
}

# The completion check, on a completion that has forgotten something.
completions_script_finds() {
  local tree found=0
  tree=$(mktemp -d)
  cp -r completions "$tree"
  sed -i 's/status enable disable/status enable/' "$tree/completions/enroll-tool.bash"
  echo 'if' >>"$tree/completions/_enroll-tool"
  bash tools/lint/completions.sh "$tree" >"$tree/out" 2>&1 && found=1
  grep -q "does not offer disable" "$tree/out" || found=1
  grep -q '_enroll-tool:.*parse error' "$tree/out" || found=1
  rm -rf "$tree"
  return $found
}

# The check of the threat model, on one that names a test nobody wrote.
threats_script_finds() {
  local tree found=0
  tree=$(mktemp -d)
  cp -r --parents -t "$tree" tests/unit/auth docs/THREAT-MODEL.md
  : >"$tree/docs/USERS-ASK.md"
  echo '| x | y | StrongAuth.NobodyWroteThis |' >"$tree/docs/THREAT-MODEL.md"
  python3 tools/lint/threats.py "$tree" >"$tree/out" && found=1
  grep -q 'there is no test StrongAuth.NobodyWroteThis' "$tree/out" || found=1
  echo '| x | y | StrongAuth.ARightPasswordCounts |' >"$tree/docs/THREAT-MODEL.md"
  python3 tools/lint/threats.py "$tree" >"$tree/out" || found=1
  printf '| 1 | a | - | Done | b | - |\n| 2 | a | - | Later | b | - |\n\nOf 2: 1 done, 1 in part, 0 not.\n' >"$tree/docs/USERS-ASK.md"
  python3 tools/lint/threats.py "$tree" >"$tree/out" && found=1
  grep -q 'Of 2: 1 done, 0 in part, 1 not' "$tree/out" || found=1
  rm -rf "$tree"
  return $found
}

# units_are_closed FOLDER: what systemd counts as a service's exposure, of 10.0. The socket's unit runs no process.
units_are_closed() {
  local unit bad=0
  for unit in "$1"/*.service; do
    systemd-analyze security --offline=true --threshold=10 "$unit" >/dev/null 2>&1 || {
      echo "more exposed than 1.0: systemd-analyze security --offline=true $unit"
      bad=1
    }
  done
  return $bad
}

# The check of the units, on one that sees all devices.
units_check_finds() {
  local tree found=0
  tree=$(mktemp -d)
  cp systemd/*.service "$tree"
  sed -i '/^PrivateDevices=/d' "$tree/faceauth-key.service"
  units_are_closed "$tree" >"$tree/out" && found=1
  grep -q 'more exposed.*faceauth-key.service' "$tree/out" || found=1
  rm -rf "$tree"
  return $found
}

# The check of the texts, on a text that was added, and on one that a language lacks.
texts_script_finds() {
  local tree found=0
  tree=$(mktemp -d)
  cp -r --parents -t "$tree" po pam_module
  sed -i 's/N_("Hold still")/N_("Do not move")/' "$tree/pam_module/person/words.cpp"
  bash tools/lint/texts.sh "$tree" >"$tree/out" 2>&1 && found=1
  grep -q 'faceauth.pot is not of these sources' "$tree/out" || found=1
  grep -q 'used but not defined' "$tree/out" || found=1
  cp pam_module/person/words.cpp "$tree/pam_module/person"
  sed -i 's/^msgstr "Nicken Sie"/msgstr ""/' "$tree/po/de.po"
  bash tools/lint/texts.sh "$tree" >"$tree/out" 2>&1 && found=1
  grep -q 'untranslated' "$tree/out" || found=1
  rm -rf "$tree"
  return $found
}

# The sources, not the tests; without the two files that instantiate dlib (minutes each).
# clang cannot read what g++ precompiled.
tidy() {
  cmake --preset release -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  run-clang-tidy-16 -clang-tidy-binary clang-tidy-16 -p build/tidy -j "$(nproc)" -quiet \
    "^$PWD/(faced/(?!vision/dlib_)|pam_module|enroll-tool)" >build/tidy.log 2>build/tidy.err || {
    grep -E '(warning|error):|^error' -A 3 build/tidy.log build/tidy.err | head -200
    return 1
  }
}

check layers python3 tools/lint/layers.py
check "layer check finds wrong arrows" layers_script_finds
check "files and model pins" python3 tools/lint/files.py
check "manual pages" pages_are_clean
check "manual pages and completions tell what the code has" python3 tools/lint/docs.py
check "that check finds what is missing" docs_script_finds
check "threat model and USERS-ASK name tests that exist" python3 tools/lint/threats.py
check "that check finds what is missing" threats_script_finds
check completions bash tools/lint/completions.sh "$PWD"
check "completion check finds mistakes" completions_script_finds
check "units are exposed to 1.0 at most" units_are_closed systemd
check "that check finds what is open" units_check_finds
check "texts and their translations" bash tools/lint/texts.sh "$PWD"
check "that check finds what is missing" texts_script_finds
check "public headers stand alone" headers_stand_alone
check format formatted
[ -n "$fast" ] || check clang-tidy tidy
if [ ${#failed[@]} -gt 0 ]; then die 1 "lint: failed: ${failed[*]}"; fi
