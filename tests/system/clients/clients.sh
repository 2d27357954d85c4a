#!/usr/bin/env bash
# Each client x what the camera sees and whether faced is there, with the right and a wrong password.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
. /mnt/tests/clients/matrix.sh

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

# Under systemd-nspawn these two give a unit a fresh /proc, in which the boot's id is the host's: the machine's reboot
# (after-boot.sh) would go unnoticed. On a kernel of its own there is but one id.
mkdir -p /etc/systemd/system/faced.service.d
printf '[Service]\nProtectKernelTunables=no\nProtectControlGroups=no\n' >/etc/systemd/system/faced.service.d/boot-id.conf
set_up
matrix su su all
# Debian's sudo runs PAM with PAM_SILENT.
matrix sudo sudo none
matrix login login all
matrix pkexec pkexec all
pkexec_alone
end_of_script
