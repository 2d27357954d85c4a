#!/usr/bin/env bash
# screens.sh OUT: pictures of enroll-tool in a terminal that people use (xterm, on Xvfb), as root, on a finished build and
# demo-frames (wants xvfb, xterm, imagemagick). This build is installed over a copy-on-write view of the machine's own root, which stays as it is.
set -euo pipefail
out=$(realpath "${1:?a folder for the pictures}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build

if [ -z "${FACEAUTH_SCREENS:-}" ]; then
  FACEAUTH_SCREENS=$(mktemp -d)
  trap 'rm -rf "$FACEAUTH_SCREENS"' EXIT
  export FACEAUTH_SCREENS
  unshare --mount --pid --fork --kill-child --propagation private bash "${BASH_SOURCE[0]}" "$out"
  exit
fi

there=$FACEAUTH_SCREENS/root
mount -t tmpfs screens "$FACEAUTH_SCREENS"
mkdir "$FACEAUTH_SCREENS"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$FACEAUTH_SCREENS/upper,workdir=$FACEAUTH_SCREENS/work" screens "$there"
mount -t proc proc "$there/proc"
mount --rbind /dev "$there/dev"
mount --rbind /sys "$there/sys"

install_here() {
  local libexec=$there/usr/libexec/faceauth
  mkdir -p "$libexec" "$there"/etc/faceauth "$there"/run/faceauth "$there"/srv/camera "$there"/usr/share/faceauth
  cp "$build"/faced/faced "$build"/faced/faced-vision "$libexec"
  cp "$build"/enroll-tool/enroll-tool "$there"/usr/sbin
  cp "$build"/pam_module/pam_faceauth.so "$(dirname "$(find "$there"/usr/lib/*/security -name pam_unix.so)")"
  cp -r "$build"/models "$there"/usr/share/faceauth/models
  cp "$root"/etc/pam-configs/faceauth{,-report} "$there"/usr/share/pam-configs
  "$build"/tests/demo/demo-frames "$build"/photos "$there"/srv/camera
  chmod -R a+rX,go-w "$there"/srv/camera "$there"/usr/share/faceauth "$there"/etc/faceauth
  chown -R root:root "$there"/srv/camera "$there"/usr/share/faceauth
  # A recording in the camera's place, which liveness would refuse.
  sed -e 's|^source = .*|source = "file:/var/lib/faceauth/master.key"|' -e 's|^allow_replay = false|allow_replay = true|' \
    -e 's|^device = "auto"|device = "replay:/srv/camera/owner-login/%03d.jpg"|' -e 's|^mode = "passive"|mode = "off"|' \
    "$root"/etc/faced.toml >"$there"/etc/faceauth/faced.toml
  grep -q '^faceauth:' "$there"/etc/passwd || echo 'faceauth:x:990:990::/var/lib/faceauth:/usr/sbin/nologin' >>"$there"/etc/passwd
  grep -q '^faceauth:' "$there"/etc/group || echo 'faceauth:x:990:' >>"$there"/etc/group
  echo 'alice:x:61183:61183::/home/alice:/bin/bash' >>"$there"/etc/passwd
  echo 'alice:*:20000:0:99999:7:::' >>"$there"/etc/shadow
  install -d -m 0700 -o faceauth -g faceauth "$there"/var/lib/faceauth 2>/dev/null ||
    install -d -m 0700 -o 990 -g 990 "$there"/var/lib/faceauth
  chown 990:990 "$there"/run/faceauth
  chroot "$there" pam-auth-update --package >/dev/null
}

# screen NAME ROWS COMMAND: the command's output in an xterm, as a picture.
screen() {
  local name=$1 rows=$2 command=$3
  rm -f "$there/tmp/drawn"
  chroot "$there" env DISPLAY=:88 HOME=/root xterm -fa 'DejaVu Sans Mono' -fs 11 -geometry "112x$rows+0+0" -b 12 \
    -bg '#1d2128' -fg '#d5dae2' -cr '#1d2128' -xrm 'XTerm*color1: #f0766f' -xrm 'XTerm*color2: #8fce8f' \
    -xrm 'XTerm*color3: #e0b155' -e bash -c "PS1=; printf '\033[?25l\033[1m# %s\033[0m\n' '$command'; $command; touch /tmp/drawn; sleep 30" &
  local terminal=$! tries
  for ((tries = 0; tries < 200; tries++)); do
    [ ! -e "$there/tmp/drawn" ] || break
    sleep 0.1
  done
  sleep 1
  chroot "$there" env DISPLAY=:88 import -window root -trim +repage png:- >"$out/$name.png"
  mogrify -trim +repage -bordercolor '#1d2128' -border 10 -colors 32 -define png:compression-level=9 "$out/$name.png"
  kill "$terminal"
  wait "$terminal" 2>/dev/null || true
}

tool() { chroot "$there" enroll-tool "$@"; }

install_here
chroot "$there" setpriv --reuid 990 --regid 990 --clear-groups /usr/libexec/faceauth/faced >"$FACEAUTH_SCREENS/faced.log" 2>&1 &
for ((tries = 0; tries < 300; tries++)); do
  if tool --json status 2>/dev/null | grep -q '"ready":true'; then break; fi
  sleep 0.1
done
chroot "$there" Xvfb :88 -screen 0 1200x900x24 -nolisten tcp >/dev/null 2>&1 &
sleep 2
echo 'a password of hers' | tool enroll alice --image /srv/camera/owner-enrol/000.jpg --password-stdin || cat "$FACEAUTH_SCREENS/faced.log"
screen verify 12 'enroll-tool verify alice; echo; enroll-tool verify alice --image /srv/camera/stranger-1/000.jpg'
screen login 6 'runuser -u nobody -- su alice -c whoami'
screen status 11 'enroll-tool status'
screen doctor 26 'enroll-tool doctor'
chmod 0755 "$there"/var/lib/faceauth
sed -i 's|\[success=[0-9]* default=ignore\]\(.*pam_faceauth\)|[success=9 default=ignore]\1|' "$there"/etc/pam.d/common-auth
screen doctor-wrong 28 'enroll-tool doctor --quiet'
