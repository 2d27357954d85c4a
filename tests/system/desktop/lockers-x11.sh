#!/usr/bin/env bash
# i3lock and xsecurelock on an X server without a screen. That the locker is gone proves an unlock only beside the cases
# in which it stays.
. /mnt/tests/inside/lib.sh
. /mnt/tests/desktop/lib.sh

# lock LOCKER: sets locked_at, and locker to its pid once it has covered the screen.
lock() {
  local before
  import -window root /tmp/before.png
  before=$(sha256sum </tmp/before.png)
  locked_at=${EPOCHREALTIME/./}
  case $1 in
    i3lock) "${as_alice[@]}" i3lock --nofork --color=203040 & ;;
    xsecurelock)
      "${as_alice[@]}" XSECURELOCK_NO_COMPOSITE=1 XSECURELOCK_AUTH_TIMEOUT=20 \
        XSECURELOCK_PASSWORD_PROMPT=asterisks xsecurelock &
      ;;
  esac
  locker=$!
  changed() { import -window root /tmp/now.png && [ "$(sha256sum </tmp/now.png)" != "$before" ]; }
  within 10 changed || true
  sleep 0.5
}

type_password() {
  xdotool type --delay 20 "$1"
  xdotool key Return
}

# attempt LOCKER VIEW PASSWORD SECONDS PICTURE: i3lock wants something typed before it asks PAM; xsecurelock asks PAM at
# the first key, and the password when PAM wants one.
attempt() {
  enroll-tool unlock alice >/dev/null 2>&1 || true
  camera "$2"
  lock "$1"
  stopwatch
  if [ "$1" = i3lock ]; then
    type_password "$3"
    sleep 0.7
    picture "$5"
    unlocked "$4" "$locker"
  else
    xdotool key Return
    sleep 0.7
    picture "$5"
    unlocked 7 "$locker"
    if [ "$got" = locked ]; then
      picture "$5-asks"
      type_password "$3"
      unlocked "$4" "$locker"
    fi
  fi
  end_locker "$locker" "$1"
}

# matrix LOCKER
matrix() {
  attempt "$1" owner-login x 8 "$1-owner"
  row "$1" "face ok, anything typed" unlocked "$got" 0 "$code" "$took"
  attempt "$1" stranger-1 "$wrong" 9 "$1-stranger"
  row "$1" "stranger, wrong password" locked "$got" - "$code" "$took"
  attempt "$1" stranger-2 "$password" 9 "$1-stranger-password"
  row "$1" "stranger, right password" unlocked "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$password" 12 "$1-nobody"
  row "$1" "nobody there, right password" unlocked "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$wrong" 12 "$1-nobody-wrong"
  row "$1" "nobody there, wrong password" locked "$got" - "$code" "$took"
  systemctl stop faced.socket faced.service
  attempt "$1" owner-login "$password" 5 "$1-dead"
  row "$1" "daemon dead, right password" unlocked "$got" 0 "$code" "$took"
  attempt "$1" owner-login "$wrong" 5 "$1-dead-wrong"
  row "$1" "daemon dead, wrong password" locked "$got" - "$code" "$took"
  systemctl start faced.socket
  warm_up
}

set_up
sit_down
install -d -o alice -g alice -m 0700 $runtime
export DISPLAY=:77
Xvfb :77 -r -screen 0 640x480x24 -nolisten tcp &
within 10 xdpyinfo
matrix i3lock
first_seconds i3lock attempt i3lock owner-login x 8
matrix xsecurelock
row xsecurelock "shows: Looking for your face, or a hint" shown \
  "$(shows xsecurelock-nobody "Looking for your face|No face in view")"
end_of_script
