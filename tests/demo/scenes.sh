#!/usr/bin/env bash
# scenes.sh CAMERA: the demo's steps, as root, on a finished build. CAMERA empty: photos are replayed.
#
# Leaves nothing on the host: state lies in a temporary directory; /etc/pam.d and /etc/passwd are covered by private
# copies inside a mount namespace that ends with this process. Where mounting is not permitted (plain containers),
# pam_wrapper and nss_wrapper point the real libpam and libc at the same private copies instead.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
. "$FACEAUTH_ROOT/tests/demo/table.sh"
camera=${1:-}
readonly user=demo-user password='correct horse 7' wrong='battery staple 8'

if [ -z "${FACEAUTH_DEMO_STATE:-}" ]; then
  state=$(mktemp -d)
  trap 'rm -rf "$state"' EXIT
  export FACEAUTH_DEMO_STATE=$state
  mkdir -m 0755 "$state/pam.d"
  cp /etc/passwd "$state/passwd"
  if ! grep -q "^$user:" "$state/passwd"; then
    echo "$user:x:61183:61183:faceauth demo:/nonexistent:/usr/sbin/nologin" >>"$state/passwd"
  fi
  if unshare --mount --propagation private sh -c "mount --bind '$state/pam.d' /etc/pam.d &&
      mount --bind '$state/passwd' /etc/passwd" 2>/dev/null; then
    export FACEAUTH_DEMO_ISOLATION=mounts
    unshare --mount --propagation private setpriv --pdeathsig TERM -- bash "${BASH_SOURCE[0]}" "$camera"
  else
    export FACEAUTH_DEMO_ISOLATION=wrappers
    setpriv --pdeathsig TERM -- bash "${BASH_SOURCE[0]}" "$camera"
  fi
  exit
fi

state=$FACEAUTH_DEMO_STATE
build=$FACEAUTH_BUILD
config=$state/faced.toml
faced_pid=
stop_faced() {
  if [ -n "$faced_pid" ] && kill "$faced_pid" 2>/dev/null; then wait "$faced_pid" || true; fi
}
trap stop_faced EXIT

# isolated COMMAND...: sees the demo's user and, through libpam, the demo's services.
if [ "$FACEAUTH_DEMO_ISOLATION" = mounts ]; then
  mount --bind "$state/pam.d" /etc/pam.d
  mount --bind "$state/passwd" /etc/passwd
  isolated() { "$@"; }
else
  isolated() {
    LD_PRELOAD="libpam_wrapper.so libnss_wrapper.so" PAM_WRAPPER=1 PAM_WRAPPER_SERVICE_DIR="$state/pam.d" \
      NSS_WRAPPER_PASSWD="$state/passwd" NSS_WRAPPER_GROUP=/etc/group "$@"
  }
fi

prepare() {
  # Copies: the models and the module must lie where only root can write, and a checkout is often somebody else's.
  cp -r --reflink=auto "$build/models" "$state/models"
  install -m 0644 "$build/pam_module/pam_faceauth.so" "$state/pam_faceauth.so"
  "$build/tests/demo/demo-frames" "$build/photos" "$state/views"
  local line="auth required $state/pam_faceauth.so socket=$state/faced.sock"
  echo "$line factors=face" >"$state/pam.d/demo-face"
  echo "$line factors=face|password timeout=6" >"$state/pam.d/demo-either"
  echo "auth required pam_deny.so" >"$state/pam.d/other"
  local device="replay:$state/view/%03d.jpg" replay=true liveness=off
  [ -z "$camera" ] || { device=$camera replay=false liveness=passive; }
  # remote: this demo may well be started over ssh, and it is about faces.
  cat >"$config" <<TOML
[paths]
store = "$state/store"
socket = "$state/faced.sock"
models = "$state/models"
[key]
source = "file:$state/key"
[camera]
device = "$device"
allow_replay = $replay
[liveness]
mode = "$liveness"
[auth]
timeout_s = 20
[service.demo-face]
factors = "face"
remote = "allow"
[service.demo-either]
factors = "face|password"
remote = "allow"
TOML
}

tool() { isolated "$build/enroll-tool/enroll-tool" --config "$config" "$@"; }

start_faced() {
  # pdeathsig: nothing stays behind, however this script ends.
  isolated exec setpriv --pdeathsig TERM -- "$build/faced/faced" --config "$config" >"$state/faced.log" 2>&1 &
  faced_pid=$!
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    if tool --json status 2>&1 | tee "$state/status" | grep -q '"ready": *true'; then return; fi
    if ! kill -0 "$faced_pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$state/faced.log" "$state/status" >&2
  die 1 "The demo's faced did not become ready."
}

# view NAME: what the camera sees from now on; a person has to act it. Returns 1 when the person skips the step.
view() {
  if [ -z "$camera" ]; then
    ln -sfn "views/$1" "$state/view.new"
    mv -T "$state/view.new" "$state/view"
    return
  fi
  local key
  read -r -p "$2 Press Enter when ready${3:+, s to skip}: " key </dev/tty
  [ "$key" != s ]
}

# login SERVICE [TYPED]: sets got and took to what libpam answered and how long it took.
login() {
  local out
  stopwatch
  out=$(printf '%s\n' "${2:-}" | isolated pamtester "$1" "$user" authenticate 2>&1) || true
  took=$(elapsed_ms)
  case $out in
    *"successfully authenticated"*) got=granted ;;
    *"Authentication failure"*) got=refused ;;
    *"cannot retrieve authentication info"*) got="could not judge" ;;
    *) got=$(tail -n 1 <<<"$out") ;;
  esac
  if grep -qi 'password' <<<"$out"; then got="asked, $got"; fi
}

# enrol PHOTO|"" : sets got and took to the tool's answer.
enrol() {
  local code=0 image=()
  [ -z "$1" ] || image=(--image "$1")
  stopwatch
  tool enroll "$user" "${image[@]}" --password-stdin <<<"$password" >"$state/enrol.out" 2>&1 || code=$?
  took=$(elapsed_ms)
  case $code in
    0) got=registered ;;
    5) got="no usable face" ;;
    *) got="exit $code: $(tail -n 1 "$state/enrol.out")" ;;
  esac
}

# From here on the camera's pictures must be those of somebody who is there.
judge_liveness() {
  sed -i 's/^mode = .*/mode = "passive"/' "$config"
  kill -HUP "$faced_pid"
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    if grep -q "configuration reloaded" "$state/faced.log"; then return; fi
    sleep 0.1
  done
  die 1 "The demo's faced did not read its configuration again."
}

templates() { tool --json list "$user" 2>/dev/null | grep -o '"id":' | wc -l; }

prepare
[ -n "$camera" ] || view owner-enrol ""
start_faced
if [ -z "$camera" ]; then
  echo "Photos stand in for the camera, and liveness is OFF up to step f for that reason: a looped still is an attack."
fi
if [ "$FACEAUTH_DEMO_ISOLATION" = mounts ]; then
  echo "Real libpam, with private copies of /etc/pam.d and /etc/passwd in a mount namespace."
else
  echo "Mounting is not permitted here: real libpam, pointed at a private service directory by pam_wrapper."
fi
echo

table_head
if [ -z "$camera" ]; then
  enrol "$state/views/owner-enrol/000.jpg"
else
  view owner "Look at the camera, to be registered." || true
  enrol ""
fi
row "a  register $user: one photo and a password" registered

if view owner-login "Look at the camera, to log in."; then
  login demo-face
  row "b  log in by face: the same person, another photo" granted
fi
for n in 1 2 3; do
  if view "stranger-$n" "Stranger $n, somebody else, looks at the camera." skip; then
    login demo-face
    row "c  log in by face: stranger $n" refused
  else
    skipped "c  log in by face: stranger $n"
  fi
done
view empty-room "Step out of the camera's view, stay in reach of the keyboard." || true
login demo-either "$password"
row "d  empty room: the right password" "asked, granted"
login demo-either "$wrong"
row "d  empty room: a wrong password" "asked, refused"
if [ -z "$camera" ]; then
  before=$(templates)
  enrol "$state/views/empty-room/000.jpg"
  [ "$(templates)" = "$before" ] || got="$got, but something was stored"
  row "e  register from a photo without a face" "no usable face"
  judge_liveness
  view owner-login ""
  login demo-face
  row "f  the photo of step b again, with passive liveness" "could not judge"
fi
table_end
