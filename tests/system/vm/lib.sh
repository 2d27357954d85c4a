# Sourced by the scripts of this part, inside the machine. The processor is emulated: what waits for the person at
# the terminal waits longer.
patience_s=90
readonly due="Your password is needed this time" no_camera="The camera is not available"

# The networks would take too long: stand_in_analyser.cpp. The path is the installed one, by which the AppArmor profile
# goes.
use_stand_in() { install -m 0755 /mnt/tools/stand-in-vision /usr/libexec/faceauth/faced-vision; }

# plug [PARAMETER...]: a camera appears, and shows what camera() chose.
plug() {
  modprobe v4l2loopback devices=1 video_nr=0 card_label="Desk camera" exclusive_caps=1 "$@"
  udevadm settle
  perl "$tests/vm/feed.pl" /dev/video0 /srv/camera/view/000.jpg &
  feeder=$!
  # By then there is a frame.
  sleep 1
}

unplug() {
  kill "$feeder"
  wait "$feeder" || true
  within 20 rmmod v4l2loopback
}

# su_case CASE VIEW PASSWORD EXPECTED EXIT
su_case() {
  attempt su "$2" "$3"
  row su "$1" "$4" "$got" "$5" "$code" "$took"
}

# starts_faced: whether faced answers, started by its socket if need be; one that failed before is forgotten.
starts_faced() {
  systemctl reset-failed faced.service faced.socket 2>/dev/null || true
  systemctl stop faced.service faced.socket
  systemctl start faced.socket
  # The first connection is given up on sooner than an emulated faced is ready.
  within 60 enroll-tool --quiet status
}

# key_refused CASE: faced does not start, for want of its credential, and passwords do all the same.
key_refused() {
  local code=0
  systemctl stop faced.socket faced.service
  systemctl reset-failed faced.socket faced.service 2>/dev/null || true
  systemctl start faced.service || code=$?
  row key "$1: faced does not start" "no faced, status 243" \
    "$(pgrep --exact faced >/dev/null || echo no faced), status $(systemctl show --property=ExecMainStatus --value faced.service)" \
    '!0' "$code"
  su_case "$1: right password" owner-login "$password" "by password" 0
  su_case "$1: wrong password" owner-login "$wrong" refused '!0'
}
