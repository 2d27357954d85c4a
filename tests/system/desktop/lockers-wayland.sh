#!/usr/bin/env bash
# swaylock in a headless sway.
. /mnt/tests/inside/lib.sh
. /mnt/tests/desktop/lib.sh

# attempt VIEW PASSWORD SECONDS PICTURE
attempt() {
  enroll-tool unlock alice >/dev/null 2>&1 || true
  camera "$1"
  # The seat has a keyboard only as long as some wtype runs, and swaylock listens only to one that was there before it.
  "${as_alice[@]}" wtype -s 20000 x &
  local keyboard=$! locker
  sleep 0.5
  locked_at=${EPOCHREALTIME/./}
  "${as_alice[@]}" swaylock --debug --color 203040 2>>"$out/swaylock.log" &
  locker=$!
  sleep 1.2
  stopwatch
  "${as_alice[@]}" wtype "$2"
  "${as_alice[@]}" wtype -k Return
  sleep 0.7
  picture "$4" || true
  unlocked "$3" "$locker"
  end_locker "$locker" swaylock
  end_locker "$keyboard" wtype
}

set_up
sit_down
install -d -o alice -g alice -m 0700 $runtime
echo 'output HEADLESS-1 resolution 640x480' >/tmp/sway.conf
"${as_alice[@]}" WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman sway --config /tmp/sway.conf \
  >"$out/sway.log" 2>&1 &
within 20 sh -c "ls $runtime/wayland-*"
export WAYLAND_DISPLAY
WAYLAND_DISPLAY=$(basename "$(find $runtime -name 'wayland-?' | head -n 1)")
sleep 1

attempt owner-login x 8 swaylock-owner
row swaylock "face ok, anything typed" unlocked "$got" 0 "$code" "$took"
attempt stranger-1 "$wrong" 9 swaylock-stranger
row swaylock "stranger, wrong password" locked "$got" - "$code" "$took"
attempt stranger-2 "$password" 9 swaylock-stranger-password
row swaylock "stranger, right password" unlocked "$got" 0 "$code" "$took"
attempt empty-room "$password" 12 swaylock-nobody
row swaylock "nobody there, right password" unlocked "$got" 0 "$code" "$took"
attempt empty-room "$wrong" 12 swaylock-nobody-wrong
row swaylock "nobody there, wrong password" locked "$got" - "$code" "$took"
first_seconds swaylock attempt owner-login x 8
systemctl stop faced.socket faced.service
attempt owner-login "$password" 5 swaylock-dead
row swaylock "daemon dead, right password" unlocked "$got" 0 "$code" "$took"
attempt owner-login "$wrong" 5 swaylock-dead-wrong
row swaylock "daemon dead, wrong password" locked "$got" - "$code" "$took"
end_of_script
