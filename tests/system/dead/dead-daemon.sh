#!/usr/bin/env bash
# A daemon that is dead in every way we know: the password is accepted, and at most a second later than without us.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh

# quickest CLIENT ENOUGH-MS: the least of at most three logins by password, which is what a busy machine cannot add to.
# Sets got, code and best; stops at one that took no longer than ENOUGH-MS, or that failed.
quickest() {
  best=
  for _ in 1 2 3; do
    attempt "$1" owner-login "$password"
    if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
    [ "$got" = "by password" ] && [ "$best" -gt "$2" ] || break
  done
}

# baseline CLIENT
baseline() {
  quickest "$1" 0
  base[$1]=$best
  row "$1" "without our module: right password" "by password" "$got" 0 "$code" "$best"
}

# dead HOW
dead() {
  local client how=$1
  for client in su login; do
    quickest "$client" $((base[$client] + 999))
    [ "$best" -ge $((base[$client] + 1000)) ] || got+=", in time"
    row "$client" "$how: right password, $((best - base[$client])) ms added" "by password, in time" "$got" 0 "$code" "$best"
  done
  attempt su owner-login "$wrong"
  row su "$how: wrong password" refused "$got" '!0' "$code" "$took"
}

# drop_in LINE...: for faced.service, until the next boot.
drop_in() {
  mkdir -p /run/systemd/system/faced.service.d
  printf '%s\n' '[Service]' "$@" >/run/systemd/system/faced.service.d/test.conf
  systemctl daemon-reload
}

alive_again() {
  rm -rf /run/systemd/system/faced.service.d
  systemctl daemon-reload
  systemctl stop faced.socket faced.service
  systemctl reset-failed faced.socket faced.service 2>/dev/null || true
  systemctl start faced.socket
  warm_up
}

faced_pid() { systemctl show --property=MainPID --value faced.service; }

# Nobody is in view, so that the camera is still looking when faced dies.
killed_while_looking() {
  local killer
  (sleep 1 && systemctl kill --signal=KILL faced.service) &
  killer=$!
  attempt su empty-room "$password"
  wait "$killer"
  row su "killed while it looks: right password" "looked: by password" "$got" 0 "$code" "$took"
}

set_up
declare -A base
pam-auth-update --remove faceauth faceauth-report
baseline su
baseline login
pam-auth-update --enable faceauth faceauth-report
attempt su owner-login "$wrong"
row su "alive again: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"

systemctl stop faced.socket faced.service
dead stopped

systemctl mask --runtime faced.socket faced.service
dead masked
systemctl unmask --runtime faced.socket faced.service
alive_again

drop_in RestartSec=1h
kill -KILL "$(faced_pid)"
dead "killed, not restarted"
alive_again

kill -STOP "$(faced_pid)"
dead "hung (SIGSTOP)"
kill -CONT "$(faced_pid)"
alive_again

rm /run/faceauth/faced.sock
dead "socket missing"
alive_again

systemctl stop faced.service
drop_in ExecStart= ExecStart=/bin/false
dead "cannot start"
alive_again

killed_while_looking
alive_again
attempt su owner-login "$wrong"
row su "after all that: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"
end_of_script
