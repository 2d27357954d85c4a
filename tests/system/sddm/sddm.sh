#!/usr/bin/env bash
# sddm with Debian's theme: the greeter takes user and password in one go, and asks PAM after that.
. /mnt/tests/inside/lib.sh
. /mnt/tests/desktop/lib.sh
. /mnt/tests/desktop/greeters.sh

cat >/etc/sddm.conf <<'X'
[General]
GreeterEnvironment=QT_QUICK_BACKEND=software
[X11]
ServerPath=/usr/local/bin/x-server
[Theme]
Current=debian-elarun
[Users]
HideUsers=carol
RememberLastUser=false
X
# logind knows of no screen at this seat; without logind sddm takes the seat as it is.
systemctl mask --runtime --now systemd-logind.service dbus-org.freedesktop.login1.service
rm -f /usr/share/xsessions/[!t]*.desktop
export DISPLAY=:0

# attempt VIEW PASSWORD SECONDS PICTURE
attempt() {
  fresh_greeter sddm.service sddm-greeter "$1"
  XAUTHORITY=$(find /run/sddm -type f | head -n 1)
  export XAUTHORITY
  # Qt draws in software here, and is slow.
  sleep 3
  picture "$4-before"
  xdotool type --delay 100 alice
  xdotool key Tab
  sleep 1
  [ -z "$2" ] || xdotool type --delay 100 "$2"
  sleep 2
  stopwatch
  xdotool key Return
  sleep 1
  picture "$4"
  granted "$3"
  [ "$got" != refused ] || picture "$4-refused"
}

set_up
attempt owner-login '' 8 sddm-owner
row sddm "face ok, nothing typed" "session of alice" "$got" - - "$took"
# sddm 0.19 takes an error message of a module for the end of the login: ours says all it says as information.
attempt stranger-1 "$wrong" 10 sddm-stranger
row sddm "stranger, wrong password" refused "$got" - - "$took"
attempt stranger-2 "$password" 10 sddm-stranger-password
row sddm "stranger, right password" "session of alice" "$got" - - "$took"
attempt empty-room "$password" 12 sddm-nobody
row sddm "nobody there, right password" "session of alice" "$got" - - "$took"
attempt empty-room "$wrong" 12 sddm-nobody-wrong
row sddm "nobody there, wrong password" refused "$got" - - "$took"
systemctl stop faced.socket faced.service
attempt owner-login "$password" 5 sddm-dead
row sddm "daemon dead, right password" "session of alice" "$got" - - "$took"
attempt owner-login "$wrong" 6 sddm-dead-wrong
row sddm "daemon dead, wrong password" refused "$got" - - "$took"
end_of_script
