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

# Typing while the camera looks, at sudo's terminal; and sudo without one, or that must not ask.
typing_and_looking() {
  local as_alice=(setpriv --reuid=alice --regid=alice --init-groups env HOME=/home/alice SUDO_ASKPASS="$askpass")
  local proof=(sh -c 'printf "granted:%s\n" "$SUDO_USER"')
  TYPE_DURING_SCAN=1 attempt sudo empty-room "$password"
  row sudo "nobody there, right password typed in the scan" "looked: by password" "$got" 0 "$code" "$took"
  TYPE_DURING_SCAN=1 attempt sudo empty-room "$wrong"
  row sudo "nobody there, wrong password typed in the scan" "looked: refused" "$got" '!0' "$code" "$took"
  camera empty-room
  piped "-S from a pipe, right password" "granted:alice" 0 "$password" -S
  piped "-S from a pipe, wrong password" "" '!0' "$wrong" -S
  piped "-n" "" '!0' "" -n
  askpass_says "-A, right password from the askpass program" "granted:alice" 0 "$password"
  askpass_says "-A, wrong password from it" "" '!0' "$wrong"
  askpass_says "-A, Enter from it, nobody there" "" '!0' ""
  camera owner-login
  piped "-S from a pipe, Enter, face ok" "granted:alice" 0 "" -S
  askpass_says "-A, Enter from the askpass program, face ok" "granted:alice" 0 ""
  camera stranger-1
  askpass_says "-A, Enter from it, a stranger's face" "" '!0' ""
}

# askpass_says WHAT SAID CODE ANSWER: sudo without a terminal, whose askpass program answers every question so.
readonly askpass=/usr/local/bin/test-askpass
askpass_says() {
  printf '#!/bin/sh\necho %q\n' "$4" >$askpass
  chmod 0755 $askpass
  piped "$1" "$2" "$3" "" -A
}

# piped WHAT SAID CODE INPUT OPTION: sudo without a terminal.
piped() {
  local began=$EPOCHREALTIME said code=0
  said=$(printf '%s\n' "$4" | setsid "${as_alice[@]}" sudo "$5" -k -p '' -- "${proof[@]}" 2>/dev/null) || code=$?
  row sudo "$1" "$2" "$said" "$3" "$code" "$(( (${EPOCHREALTIME/./} - ${began/./}) / 1000 ))"
}

# Under systemd-nspawn these two give a unit a fresh /proc, in which the boot's id is the host's: the machine's reboot
# (after-boot.sh) would go unnoticed. On a kernel of its own there is but one id.
mkdir -p /etc/systemd/system/faced.service.d
printf '[Service]\nProtectKernelTunables=no\nProtectControlGroups=no\n' >/etc/systemd/system/faced.service.d/boot-id.conf
set_up
matrix su su all
# Debian's sudo runs PAM with PAM_SILENT.
matrix sudo sudo none
typing_and_looking
matrix login login all
matrix pkexec pkexec all
pkexec_alone
end_of_script
