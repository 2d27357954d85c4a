#!/usr/bin/env bash
# faced.socket and faced.service as units: activation, readiness, watchdog, restarts, configuration, key.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh

property() { systemctl show --property="$1" --value "${2:-faced.service}"; }
eye_pid() { pgrep --exact faced-vision || true; }

# su_by_face CASE: what the case is for, in the end.
su_by_face() {
  attempt su owner-login "$wrong"
  row su "$1: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"
}

# restarted PID: runs again, and is another process.
restarted() {
  local ActiveState='' MainPID=''
  eval "$(systemctl show --property=ActiveState,MainPID faced.service)"
  [ "$ActiveState" = active ] && [ "$MainPID" -gt 0 ] && [ "$MainPID" != "$1" ]
}

# after_restart PID: "another" when it is within 10 s.
after_restart() { if within 10 restarted "$1"; then echo another; fi; }

activation() {
  row systemd "after the installation: socket, service" "active, inactive" \
    "$(property ActiveState faced.socket), $(property ActiveState)"
  local code=0
  stopwatch
  enroll-tool --quiet status >/dev/null || code=$?
  row systemd "the first connection starts faced" "active, notify" "$(property ActiveState), $(property Type)" 0 "$code" "$(elapsed_ms)"
  row systemd "faced tells systemd what it serves" Serving "$(property StatusText | cut -d ' ' -f 1)"
  row systemd "user of the daemon and of the eye" "faceauth faceauth" \
    "$(ps -o user= -p "$(property MainPID)") $(within 20 eye_pid && ps -o user= -p "$(eye_pid)")"
}

# Shortened from the unit's own period, which a test need not wait out.
watchdog() {
  local pid
  mkdir -p /run/systemd/system/faced.service.d
  printf '[Service]\nWatchdogSec=2s\n' >/run/systemd/system/faced.service.d/test.conf
  systemctl daemon-reload
  systemctl restart faced.service
  pid=$(property MainPID)
  sleep 3
  row systemd "alive: no restart in longer than WatchdogSec" "$pid 0" "$(property MainPID) $(property NRestarts)"
  stopwatch
  kill -STOP "$pid"
  row systemd "SIGSTOP: restarted by the watchdog (2 s)" "another, watchdog" \
    "$(after_restart "$pid"), $(journalctl --boot --unit faced.service | grep -om 1 "result 'watchdog'" | tr -dc 'a-z ' | cut -d ' ' -f 2)" - - "$(elapsed_ms)"
  rm -r /run/systemd/system/faced.service.d
  systemctl daemon-reload
  systemctl restart faced.service
  warm_up
  su_by_face "after the watchdog"
}

killed() {
  local pid eye
  pid=$(property MainPID) eye=$(eye_pid)
  stopwatch
  kill -KILL "$pid"
  row systemd "kill -9 faced: restarted, the old eye is gone" "another, gone" \
    "$(after_restart "$pid"), $([ -e "/proc/$eye" ] || echo gone)" - - "$(elapsed_ms)"
  warm_up
  su_by_face "after kill -9 of faced"
  kill -KILL "$(eye_pid)"
  warm_up
  su_by_face "after kill -9 of the eye"
}

configuration() {
  local code=0
  setting timeout_s 4
  systemctl reload faced.service || code=$?
  row systemd "reload" "active" "$(property ActiveState)" 0 "$code"
  cp /etc/faceauth/faced.toml /root/faced.toml
  echo 'surprise = 1' >>/etc/faceauth/faced.toml
  code=0
  systemctl restart faced.service 2>/dev/null || code=$?
  sleep 1
  row systemd "a refused configuration is not retried" "failed, status 78, 0 restarts" \
    "$(property ActiveState), status $(property ExecMainStatus), $(property NRestarts) restarts" '!0' "$code"
  attempt su owner-login "$password"
  row su "a refused configuration: right password" "by password" "$got" 0 "$code" "$took"
  cp /root/faced.toml /etc/faceauth/faced.toml
  systemctl reset-failed faced.service faced.socket 2>/dev/null || true
  systemctl restart faced.socket
  warm_up
  su_by_face "after its correction"
}

# holds_key FOLDER...: whether the 32 bytes of the master key lie in a file there.
holds_key() {
  systemd-creds decrypt --name=faceauth.key /etc/credstore.encrypted/faceauth.key - |
    perl -MFile::Find -e '
      local $/; my $key = <STDIN>; die "no key" unless length $key == 32; my $found = 0;
      find({no_chdir => 1, wanted => sub {
        return unless -f && !-l; open my $f, "<:raw", $_ or return; my $all = <$f>;
        $found ||= defined $all && index($all, $key) >= 0 }}, @ARGV);
      print $found ? "found" : "not found"' "$@"
}

key() {
  local sealed=/etc/credstore.encrypted/faceauth.key
  row key "the sealed key's owner and mode" "root 600" "$(stat -c '%U %a' $sealed)"
  mkdir /root/control
  systemd-creds decrypt --name=faceauth.key $sealed /root/control/plain
  row key "the search finds a plain key where there is one" found "$(holds_key /root/control)"
  rm -r /root/control
  row key "no plain key on the disk" "not found" "$(holds_key /etc /var /usr/libexec /usr/share/faceauth /root /home /srv /boot)"
  # Another machine with a copy of the disk's data, but not of the host's secret.
  systemctl stop faced.socket faced.service
  mv /var/lib/systemd/credential.secret /root/credential.secret
  systemctl start faced.socket
  local code=0
  enroll-tool --quiet status >/dev/null 2>&1 || code=$?
  row key "without the host's secret faced does not start" "no faced" "$(pgrep --exact faced >/dev/null || echo no faced)" '!0' "$code"
  attempt su owner-login "$password"
  row su "without the host's secret: right password" "by password" "$got" 0 "$code" "$took"
  systemctl stop faced.socket faced.service
  mv -f /root/credential.secret /var/lib/systemd/credential.secret
  systemctl reset-failed faced.service faced.socket 2>/dev/null || true
  systemctl start faced.socket
  warm_up
  su_by_face "the secret is back"
}

# As in an image that was made without systemd running: at the first start there is no key, and the unit makes it.
first_key() {
  systemctl stop faced.socket faced.service
  rm -f /etc/credstore.encrypted/faceauth.key /var/lib/systemd/credential.secret
  rm -rf /var/lib/faceauth/*
  systemctl reset-failed faced.service faced.socket faceauth-key.service 2>/dev/null || true
  systemctl restart faceauth-key.service || true
  row key "faceauth-key.service makes a key where there is none" "success 600" \
    "$(systemctl show --property=Result --value faceauth-key.service) $(stat -c %a /etc/credstore.encrypted/faceauth.key)"
  local made
  made=$(sha256sum </etc/credstore.encrypted/faceauth.key)
  systemctl start faced.socket
  enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg
  warm_up
  su_by_face "with the key that the unit made"
  systemctl restart faceauth-key.service || true
  row key "faceauth-key.service replaces no key" "$made" "$(sha256sum </etc/credstore.encrypted/faceauth.key)"
}

# key_unit CASE RESULT KEY WORDS: what faceauth-key.service made of the key that is there, and said.
key_unit() {
  local was now since
  was=$(sha256sum </etc/credstore.encrypted/faceauth.key)
  since=$(date +%s)
  systemctl reset-failed faceauth-key.service 2>/dev/null || true  # and its count of starts
  systemctl restart faceauth-key.service 2>/dev/null || true
  now=$([ "$was" = "$(sha256sum </etc/credstore.encrypted/faceauth.key)" ] && echo the same key || echo another key)
  row key "$1" "$2, $3, $4" "$(property Result faceauth-key.service), $now, $(journalctl --since "@$since" \
    --unit faceauth-key.service | grep -oE -m 1 -- "$4")"
}

# A disk that was cloned with its key, but whose machine has another secret: an image with nothing registered gets a key
# of its own, one with data says what is wrong.
cloned_key() {
  systemctl stop faced.socket faced.service
  rm -rf /var/lib/faceauth/* /var/lib/systemd/credential.secret
  cp /etc/faceauth/faced.toml /root/faced.toml
  sed -i 's|^store = "/var/lib/faceauth"|store = "/srv/faceauth"|' /etc/faceauth/faced.toml
  key_unit "another machine's key, the store elsewhere" exit-code "the same key" "keeps the store in a place of its own"
  cp /root/faced.toml /etc/faceauth/faced.toml
  key_unit "another machine's key, nothing stored" success "another key" "is /etc/credstore.encrypted/faceauth.key.unopened now"
  systemctl start faced.socket
  enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg
  warm_up
  su_by_face "with a key in the place of another machine's"
  systemctl stop faced.socket faced.service
  mv /var/lib/systemd/credential.secret /root/credential.secret
  key_unit "another machine's key, and data" exit-code "the same key" "does not open on this machine"
  examined "another machine's key" 1 "does not open on this machine"
  mv -f /root/credential.secret /var/lib/systemd/credential.secret
  key_unit "the secret is back" success "the same key" ""
  systemctl start faced.socket
  warm_up
  examined "the key opens" 0 "opens on this machine"
}

# examined CASE EXIT PATTERN: what doctor says of this machine has the pattern's first match, and ends so.
examined() {
  local code=0
  enroll-tool doctor >"$out/doctor.txt" 2>&1 || code=$?
  row doctor "$1" "$3" "$(grep -oE -m 1 -- "$3" "$out/doctor.txt" || tail -n 5 "$out/doctor.txt" | tr '\n' ' ')" "$2" "$code"
}

doctor() {
  examined "as installed" 0 "Nothing is wrong"
  systemctl stop faced.socket faced.service
  examined "the socket is stopped" 1 "systemctl enable --now faced.socket"
  systemctl mask --runtime --quiet faced.service
  examined "the service is masked" 1 "systemctl unmask faced.service"
  systemctl unmask --runtime --quiet faced.service
  systemctl start faced.socket
  chmod o+w /etc/faceauth
  examined "anybody may write the configuration's folder" 1 "chmod go-w /etc/faceauth"
  chmod o-w /etc/faceauth
  warm_up
  examined "mended" 0 "Nothing is wrong"
}

add_people
install_packages
activation
camera owner-login
use_replay
pam-auth-update --enable faceauth faceauth-report
systemctl restart faced.service
enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg
warm_up
watchdog
killed
configuration
doctor
key
first_key
cloned_key
end_of_script
