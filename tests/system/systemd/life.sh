#!/usr/bin/env bash
# A package's life: an older version, the upgrade, the purge; and /etc as it was.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh

# Everything about /etc that a purge could leave different.
picture_of_etc() {
  (cd /etc && find . -printf '%p %y %m %U:%G %l\n' | sort && find . -type f -exec sha256sum {} + | sort -k 2)
}

# As unattended upgrades are told to, where the administrator and the package both changed a file.
keep_edited=(-o Dpkg::Options::=--force-confold)

version() { dpkg-query --show --showformat='${Version}' faceauth; }
templates() { enroll-tool --json list alice | grep -o '"id": *[^,]*' | paste -sd ' '; }

add_people
picture_of_etc >/root/before
cp -a /etc/pam.d /root/pam.d

code=0
stopwatch
install_packages /mnt/older || code=$?
row apt "install the older version" "0.0.1~older" "$(version)" 0 "$code" "$(elapsed_ms)"
camera owner-login
use_replay
setting timeout_s 4.5
systemctl try-restart faced.service
pam-auth-update --enable faceauth faceauth-report
code=0
stopwatch
enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg --password-stdin <<<"$password" || code=$?
row apt "register alice" "1 template" "$(templates | wc -w) template" 0 "$code" "$(elapsed_ms)"
warm_up
attempt su owner-login "$wrong"
row su "older version: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"

# unchanged BEFORE AFTER
unchanged() { if [ -n "$1" ] && [ "$1" = "$2" ]; then echo unchanged; else echo "$1 became $2"; fi; }

had=$(templates) pid=$(systemctl show --property=MainPID --value faced.service)
configured=$(sha256sum </etc/faceauth/faced.toml) sealed=$(sha256sum </etc/credstore.encrypted/faceauth.key)
code=0
stopwatch
install_packages /mnt/dist "${keep_edited[@]}" || code=$?
took=$(elapsed_ms)
row apt "upgrade" "another version" "$([ "$(version)" != 0.0.1~older ] && echo another version)" 0 "$code" "$took"
row apt "the upgrade keeps the user" unchanged "$(unchanged "$had" "$(templates)")"
row apt "the upgrade keeps the edited configuration" unchanged \
  "$(unchanged "$configured" "$(sha256sum </etc/faceauth/faced.toml)")"
row apt "the upgrade keeps the key" unchanged \
  "$(unchanged "$sealed" "$(sha256sum </etc/credstore.encrypted/faceauth.key)")"
warm_up
row apt "the upgraded faced runs" "another process" \
  "$([ "$(systemctl show --property=MainPID --value faced.service)" != "$pid" ] && echo another process)"
attempt su owner-login "$wrong"
row su "upgraded: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"
attempt su stranger-1 "$wrong"
row su "upgraded: stranger, wrong password" "Not recognised: refused" "$got" '!0' "$code" "$took"

# As libpam-mount's: it asks for a password where a face let in, which nobody judges.
printf '%s\n' 'Name: Mount volumes' 'Default: yes' 'Priority: 128' 'Auth-Type: Additional' 'Auth:' '	optional	pam_mount.so' \
  >/usr/share/pam-configs/libpam-mount
pam-auth-update --enable libpam-mount
row pam-auth-update "beside libpam-mount" "pam_faceauth.so report, then pam_mount.so" \
  "$(sed -n 's/^auth.*\(pam_faceauth.so report\|pam_mount.so\).*/\1/p' /etc/pam.d/common-auth | paste -sd, | sed 's/,/, then /')"
pam-auth-update --remove libpam-mount
rm /usr/share/pam-configs/libpam-mount

code=0
stopwatch
install_packages /mnt/older --allow-downgrades "${keep_edited[@]}" || code=$?
row apt "downgrade to it" 0.0.1~older "$(version)" 0 "$code" "$(elapsed_ms)"
row apt "the downgrade keeps user, configuration and key" unchanged \
  "$(unchanged "$had $configured $sealed" "$(templates) $(sha256sum </etc/faceauth/faced.toml) $(sha256sum </etc/credstore.encrypted/faceauth.key)")"
warm_up
attempt su owner-login "$wrong"
row su "downgraded: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"

code=0
stopwatch
apt_run purge -y "${packages[@]}" || code=$?
row apt purge "nothing left" "$(dpkg-query --show "${packages[@]}" 2>/dev/null | grep -q . || echo nothing left)" 0 "$code" "$(elapsed_ms)"
row purge "pam.d is byte-identical" "" "$(diff -r /root/pam.d /etc/pam.d 2>&1)"
picture_of_etc >/root/after
# The system user stays, as with every Debian package; so do the backups that changing these files makes.
row purge "what else of /etc differs" "" \
  "$(diff /root/before /root/after | grep -E '^[<>]' |
    grep -vE ' (\./)?(passwd|group|shadow|gshadow)-?( |$)| \./ld\.so\.cache( |$)' | tr '\n' ' ')"
row purge "state, key, socket, processes" "" \
  "$(ls -d /var/lib/faceauth /etc/credstore.encrypted/faceauth.key /run/faceauth/faced.sock 2>/dev/null | tr '\n' ' ')$(pgrep -l '^faced' || true)"
attempt su owner-login "$password"
row su "purged: right password" "by password" "$got" 0 "$code" "$took"
attempt su owner-login "$wrong"
row su "purged: wrong password" refused "$got" '!0' "$code" "$took"
end_of_script
