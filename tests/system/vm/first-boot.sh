#!/usr/bin/env bash
# Installed on a machine of its own: a TPM seals the key, the kernel has the camera, AppArmor enforces the profile.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
. /mnt/tests/vm/lib.sh
. /mnt/tests/vm/cameras.sh
. /mnt/tests/vm/apparmor.sh

installation() {
  local code=0
  stopwatch
  install_packages >/root/apt.log 2>&1 || code=$?
  row apt install "3 installed" "$(dpkg-query --show --showformat='${db:Status-Status}\n' "${packages[@]}" | sort | uniq -c | xargs)" \
    0 "$code" "$(elapsed_ms)"
  cat /root/apt.log
  row key "the installation seals the key with" "this machine's TPM2 and host secret" \
    "$(sed -n 's/^faceauth: made a master key, sealed with \(.*\): .*/\1/p' /root/apt.log)"
  row apparmor "the installation loads the profile" "faced (enforce)" \
    "$(grep '^faced ' /sys/kernel/security/apparmor/profiles)"
}

# The unit, which of all devices sees the TPM alone, does as the installation did.
unit_seals() {
  rm /etc/credstore.encrypted/faceauth.key
  systemctl restart faceauth-key.service || true
  row key "faceauth-key.service seals the key with" "this machine's TPM2 and host secret" \
    "$(journalctl --boot --unit faceauth-key.service --output cat |
      sed -n 's/^faceauth: made a master key, sealed with \(.*\): .*/\1/p' | tail -n 1)"
}

installation
unit_seals
use_stand_in
add_people
echo private >/home/alice/letter
chmod 0755 /home/alice
camera owner-login
mkdir /srv/camera/views/wall
perl "$tests/vm/wall.pl" >/srv/camera/views/wall/000.jpg
# A loopback is a virtual camera, which is refused otherwise: whoever feeds it could show any face.
setting allow_replay true
setting timeout_s 10
# Setting the people's passwords has started it.
systemctl try-restart faced.service
pam-auth-update --enable faceauth faceauth-report
within 60 enroll-tool --quiet status
code=0
enroll-tool enroll alice --image /srv/camera/views/owner-login/000.jpg || code=$?
row enroll-tool "enroll alice from a photo" "1 template" \
  "$(enroll-tool --json list alice | grep -o '"id"' | wc -l) template" 0 "$code"
cameras
apparmor
end_of_script
