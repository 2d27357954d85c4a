#!/usr/bin/env bash
# A graphical login: lightdm with its GTK greeter.
. /mnt/tests/inside/lib.sh
. /mnt/tests/desktop/lib.sh
. /mnt/tests/desktop/greeters.sh

cat >/etc/lightdm/lightdm.conf <<'X'
[LightDM]
logind-check-graphical=false
[Seat:*]
xserver-command=/usr/local/bin/x-server
greeter-session=lightdm-gtk-greeter
greeter-hide-users=true
user-session=test
X
export DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0

# attempt VIEW PASSWORD SECONDS PICTURE: the password is typed once the greeter had time to look.
attempt() {
  fresh_greeter lightdm.service lightdm-gtk-greeter "$1"
  stopwatch
  xdotool type --delay 30 alice
  xdotool key Return
  sleep 1
  picture "$4"
  granted "$3"
  [ "$got" = refused ] || return 0
  picture "$4-asks"
  if [ -z "$2" ]; then
    # Where it had nothing to ask, this greeter waits for a click on "Log In".
    xdotool mousemove 504 357 click 1
    granted 8
    return
  fi
  xdotool type --delay 30 "$2"
  xdotool key Return
  granted 8
  [ "$got" != refused ] || picture "$4-refused"
}

set_up
attempt owner-login '' 4 lightdm-owner
row lightdm "face ok, then a click on Log In" "session of alice" "$got" - - "$took"
attempt stranger-1 "$wrong" 6 lightdm-stranger
row lightdm "stranger, wrong password" refused "$got" - - "$took"
row lightdm "shows: Not recognised" shown "$(shows lightdm-stranger-asks "Not recognised")"
attempt stranger-2 "$password" 6 lightdm-stranger-password
row lightdm "stranger, right password" "session of alice" "$got" - - "$took"
attempt empty-room "$password" 8 lightdm-nobody
row lightdm "nobody there, right password" "session of alice" "$got" - - "$took"
row lightdm "shows: Looking for your face, or a hint" shown "$(shows lightdm-nobody "Looking for your face|No face in view")"
attempt empty-room "$wrong" 8 lightdm-nobody-wrong
row lightdm "nobody there, wrong password" refused "$got" - - "$took"
systemctl stop faced.socket faced.service
attempt owner-login "$password" 3 lightdm-dead
row lightdm "daemon dead, right password" "session of alice" "$got" - - "$took"
attempt owner-login "$wrong" 3 lightdm-dead-wrong
row lightdm "daemon dead, wrong password" refused "$got" - - "$took"
end_of_script
