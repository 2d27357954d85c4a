#!/usr/bin/env bash
# Each client x what the camera sees and whether faced is there, with the right and a wrong password.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh

# matrix CLIENT LABEL SHOWS: what the client shows of PAM's messages: all, none, or those before a prompt.
matrix() {
  local name=$2 recognised="Face recognised: " refused="Not recognised: " unseen="No face seen: "
  [ "$3" = all ] || recognised=''
  [ "$3" != none ] || refused='' unseen=''
  attempt "$1" owner-login "$wrong"
  row "$name" "face ok" "${recognised}by face" "$got" 0 "$code" "$took"
  attempt "$1" stranger-1 "$wrong"
  row "$name" "stranger, wrong password" "${refused}refused" "$got" '!0' "$code" "$took"
  attempt "$1" stranger-2 "$password"
  row "$name" "stranger, right password" "${refused}by password" "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$password"
  row "$name" "nobody there, right password" "${unseen}by password" "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$wrong"
  row "$name" "nobody there, wrong password" "${unseen}refused" "$got" '!0' "$code" "$took"
  systemctl stop faced.socket faced.service
  attempt "$1" owner-login "$password"
  row "$name" "daemon dead, right password" "by password" "$got" 0 "$code" "$took"
  attempt "$1" owner-login "$wrong"
  row "$name" "daemon dead, wrong password" "refused" "$got" '!0' "$code" "$took"
  systemctl start faced.socket
  warm_up
}

# The agent inside pkexec 122 registers as root, and its helper answers as the user: polkit never lets the two meet,
# whoever accepted alice (docs/SYSTEM-TESTS.md). Should this begin to work, pkexec alone belongs into the matrix.
pkexec_alone() {
  attempt pkexec-alone owner-login "$password"
  row pkexec "its own agent, face ok" "No session for cookie: refused" "$got" '!0' "$code" "$took"
  systemctl stop faced.socket faced.service
  attempt pkexec-alone owner-login "$password"
  row pkexec "its own agent, daemon dead, right password" "No session for cookie: refused" "$got" '!0' "$code" "$took"
  systemctl start faced.socket
  warm_up
}

# The owner sits at the desk while somebody logs in from elsewhere: his face must not serve.
remote_refused() {
  attempt ssh owner-login "$password"
  row ssh "face ok, but remote: right password" "by password" "$got" 0 "$code" "$took"
  attempt ssh owner-login "$wrong"
  row ssh "face ok, but remote: wrong password" "refused" "$got" '!0' "$code" "$took"
  attempt ssh-password owner-login "$password"
  row ssh "the same by sshd's password method: right one" "by password" "$got" 0 "$code" "$took"
  attempt ssh-password owner-login "$wrong"
  row ssh "the same by sshd's password method: wrong one" "refused" "$got" '!0' "$code" "$took"
  attempt ssh-sudo owner-login "$password"
  row ssh "sudo in a session by key: right password" "by password" "$got" 0 "$code" "$took"
  attempt ssh-sudo owner-login "$wrong"
  row ssh "sudo in a session by key: wrong password" "refused" "$got" '!0' "$code" "$took"
}

# Under systemd-nspawn these two give a unit a fresh /proc, in which the boot's id is the host's: the machine's reboot
# (after-boot.sh) would go unnoticed. On a kernel of its own there is but one id.
mkdir -p /etc/systemd/system/faced.service.d
printf '[Service]\nProtectKernelTunables=no\nProtectControlGroups=no\n' >/etc/systemd/system/faced.service.d/boot-id.conf
set_up
open_sshd
matrix su su all
# Debian's sudo runs PAM with PAM_SILENT.
matrix sudo sudo none
matrix login login all
matrix pkexec pkexec all
pkexec_alone
remote_refused
printf '\n[service.sshd]\nremote = "allow"\n' >>/etc/faceauth/faced.toml
systemctl restart faced.service
warm_up
# sshd keeps messages back until it has something to ask.
matrix ssh "ssh, allowed" prompts
end_of_script
