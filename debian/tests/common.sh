# shellcheck shell=bash
# Sourced by the tests: a user with a password, pictures, and checks that end the test when they fail.
# Run from the top of the source tree; build/photos holds what models/manifest pins.
set -euo pipefail
# shellcheck disable=SC2034
user=faceauth-test password='correct horse 7' wrong='battery staple 8'
service=faceauth-autopkgtest
world=/srv/faceauth-autopkgtest # not under /tmp or /home: the unit sees its own /tmp, and no homes

die() {
  echo "FAILED: $*" >&2
  exit 1
}

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

make_world() {
  mkdir -p "$world"
  local name photo region
  # Two photos of one woman, another person, and a corner with nobody in it.
  while read -r name photo region; do
    mkdir -p "$world/$name"
    jpegtran -crop "$region" -outfile "$world/$name/000.jpg" "build/photos/$photo.jpg"
  done <<'VIEWS'
owner-enrol sample3 680x510+830+120
owner-login sample1 640x480+1251+80
stranger sample1 640x480+150+200
nobody sample3 496x368+0+0
VIEWS
  view owner-enrol
  useradd --create-home --shell /bin/bash "$user"
  echo "$user:$password" | chpasswd
}

view() {
  ln -sfn "$1" "$world/view.new"
  mv -T "$world/view.new" "$world/view"
}

# wait_ready [TOOL-OPTION...]: until the eye has its networks; a slow machine takes longer than a login waits.
wait_ready() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    if enroll-tool "$@" --json status 2>/dev/null | grep -q '"ready": *true'; then return; fi
    sleep 0.1
  done
  die "faced did not become ready"
}

# login TYPED: sets got and took (ms).
login() {
  local began output
  began=$(now_ms)
  output=$(printf '%s\n' "$1" | timeout 30 pamtester "$service" "$user" authenticate 2>&1) && got=granted || got=refused
  took=$(($(now_ms) - began))
  printf '  %s, %s ms: %s\n' "$got" "$took" "$(tr '\n' ' ' <<<"$output")"
}

# expect_login WHAT EXPECTED TYPED
expect_login() {
  login "$3"
  [ "$got" = "$2" ] || die "$1: $got, expected $2"
  echo "ok: $1: $got"
}
