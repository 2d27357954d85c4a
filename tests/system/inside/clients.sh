# Sourced by scripts that log in through real clients on ptys.

# Debian's sshd shows what PAM says only in keyboard-interactive; its password method is a case of its own.
open_sshd() {
  echo 'KbdInteractiveAuthentication yes' >/etc/ssh/sshd_config.d/faceauth-test.conf
  systemctl restart ssh.service
  install -d -o alice -g alice -m 0700 /home/alice/.ssh
  ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
  install -o alice -g alice -m 0600 /root/.ssh/id_ed25519.pub /home/alice/.ssh/authorized_keys
}

# play CLIENT PASSWORD: alice at CLIENT; sets got, code and took.
play() {
  local proof='printf "granted:%s\n" "$(id -un)"' command
  local as_carol=(setpriv --reuid=carol --regid=carol --init-groups env HOME=/home/carol)
  local as_alice=(setpriv --reuid=alice --regid=alice --init-groups env HOME=/home/alice)
  local sudo=(sudo -k -- sh -c 'printf "granted:%s\n" "$SUDO_USER"')
  local ssh=(ssh -tt -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
    -o NumberOfPasswordPrompts=1)
  # polkit asks an agent that is registered for the process that called pkexec; a desktop's agent stands for its session.
  local as_root='[ "$(id -u)" = 0 ] && printf "granted:%s\n" "$(id -un "$PKEXEC_UID")"'
  local agent='coproc { exec pkttyagent --process $$ --notify-fd 9 9>&1 >/dev/tty; }; read -r -u "${COPROC[0]}" || true;'
  case $1 in
    su) command=("${as_carol[@]}" su alice -c "$proof") ;;
    sudo) command=("${as_alice[@]}" "${sudo[@]}") ;;
    login) command=(login) ;;
    ssh) command=("${ssh[@]}" -o PreferredAuthentications=keyboard-interactive alice@127.0.0.1 "$proof") ;;
    ssh-password) command=("${ssh[@]}" -o PreferredAuthentications=password alice@127.0.0.1 "$proof") ;;
    pkexec) command=("${as_alice[@]}" bash -c "$agent"' pkexec --disable-internal-agent sh -c "$1"; exit $?' bash "$as_root") ;;
    pkexec-alone) command=("${as_alice[@]}" sh -c 'pkexec sh -c "$1"' sh "$as_root") ;;
    ssh-sudo) command=("${ssh[@]}" -o PreferredAuthentications=publickey alice@127.0.0.1 "${sudo[*]@Q}") ;;
  esac
  IFS=$'\t' read -r got code took < <(TRANSCRIPT=$out/screen.log \
    expect -f "$tests/inside/attempt.exp" alice "$2" "${patience_s:-15}" "${command[@]}")
}

# attempt CLIENT VIEW PASSWORD
attempt() {
  enroll-tool unlock alice >/dev/null 2>&1 || true
  camera "$2"
  play "$1" "$3"
}
