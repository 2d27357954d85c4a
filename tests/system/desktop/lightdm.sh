#!/usr/bin/env bash
# A graphical login: lightdm with its GTK greeter, on an X server without a screen.
. /mnt/tests/inside/lib.sh
. /mnt/tests/desktop/lib.sh

# lightdm gives its X server options that only a real one knows.
cat >/usr/local/bin/x-server <<'X'
#!/bin/bash
display=:0 authority=
while [ $# -gt 0 ]; do
  case $1 in
    :*) display=$1 ;;
    -auth) authority=$2 && shift ;;
  esac
  shift
done
exec Xvfb "$display" -auth "$authority" -screen 0 800x600x24 -nolisten tcp
X
cat >/usr/local/bin/session <<'X'
#!/bin/sh
id -un >/run/sessions/granted
exec sleep 600
X
chmod 0755 /usr/local/bin/x-server /usr/local/bin/session
printf '[Desktop Entry]\nName=test\nExec=/usr/local/bin/session\nType=Application\n' >/usr/share/xsessions/test.desktop
cat >/etc/lightdm/lightdm.conf <<'X'
[LightDM]
logind-check-graphical=false
[Seat:*]
xserver-command=/usr/local/bin/x-server
greeter-session=lightdm-gtk-greeter
greeter-hide-users=true
user-session=test
X
mkdir -m 1777 /run/sessions
export DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0

greeter_up() { xdotool search --onlyvisible --class lightdm-gtk-greeter; }

# granted SECONDS: sets got and took from `stopwatch` on.
granted() {
  got=refused
  if within "$1" test -s /run/sessions/granted; then got="session of $(cat /run/sessions/granted)"; fi
  took=$(elapsed_ms)
}

# attempt VIEW PASSWORD SECONDS PICTURE: the password is typed once the greeter had time to look.
attempt() {
  enroll-tool unlock alice >/dev/null 2>&1 || true
  camera "$1"
  rm -f /run/sessions/granted
  systemctl restart lightdm.service
  within 20 greeter_up || true
  sleep 2
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
