#!/usr/bin/env bash
# ssh on the loopback: a remote login, to which this machine's camera is refused unless the service allows it.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
. /mnt/tests/clients/matrix.sh

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

set_up
open_sshd
remote_refused
printf '\n[service.sshd]\nremote = "allow"\n' >>/etc/faceauth/faced.toml
systemctl restart faced.service
warm_up
# sshd keeps messages back until it has something to ask.
matrix ssh "ssh, allowed" prompts
end_of_script
