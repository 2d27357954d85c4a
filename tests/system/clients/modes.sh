#!/usr/bin/env bash
# The other ways to ask: the password first (profile faceauth-enter), and face and password for one service.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh

# An empty password is what starts the camera.
password_first() {
  pam-auth-update --disable faceauth --enable faceauth-enter
  attempt su owner-login "$wrong"
  row su "password first: Enter, face ok" "Face recognised: by face" "$got" 0 "$code" "$took"
  attempt su stranger-1 "$wrong"
  row su "password first: Enter, stranger, wrong password" "Not recognised: refused" "$got" '!0' "$code" "$took"
  attempt su stranger-1 "$password"
  row su "password first: Enter, stranger, right password" "Not recognised: by password" "$got" 0 "$code" "$took"
  export TYPE_FIRST=1
  attempt su owner-login "$password"
  row su "password first: right password" "by password" "$got" 0 "$code" "$took"
  attempt su stranger-1 "$wrong"
  row su "password first: wrong password" refused "$got" '!0' "$code" "$took"
  unset TYPE_FIRST
  systemctl stop faced.socket faced.service
  attempt su owner-login "$password"
  row su "password first: daemon dead, right password" "by password" "$got" 0 "$code" "$took"
  systemctl start faced.socket
  warm_up
  pam-auth-update --disable faceauth-enter
}

# Each factor alone refuses. sudo has the intent "enter", and shows prompts only.
both_for_sudo() {
  local file=/etc/pam.d/sudo
  cp -a $file /root/sudo
  enroll-tool --quiet login enable sudo --mode face+password
  attempt sudo owner-login "$password"
  row sudo "face+password: face ok, right password" "looked: by password" "$got" 0 "$code" "$took"
  attempt sudo owner-login "$wrong"
  row sudo "face+password: face ok, wrong password" "looked: refused" "$got" '!0' "$code" "$took"
  attempt sudo stranger-1 "$password"
  row sudo "face+password: stranger, right password" "looked: refused" "$got" '!0' "$code" "$took"
  attempt sudo empty-room "$password"
  row sudo "face+password: nobody there, right password" "looked: refused" "$got" '!0' "$code" "$took"
  systemctl stop faced.socket faced.service
  attempt sudo owner-login "$password"
  row sudo "face+password: daemon dead, right password" refused "$got" '!0' "$code" "$took"
  systemctl start faced.socket
  enroll-tool --quiet login disable sudo
  row sudo "switched off: its file is as it was" "" \
    "$(cmp /root/sudo $file 2>&1)$(diff <(stat -c '%a %U:%G' /root/sudo) <(stat -c '%a %U:%G' $file))"
  attempt sudo owner-login "$password"
  row sudo "switched off: right password" "by password" "$got" 0 "$code" "$took"
}

set_up
password_first
both_for_sudo
end_of_script
