# Sourced by every script that runs inside a machine.
set -euo pipefail
export LC_ALL=C.UTF-8 TERM=xterm DEBIAN_FRONTEND=noninteractive
readonly tests=/mnt/tests out=/mnt/out
readonly password='correct horse 7' wrong='battery staple 8'

# What faced said, for whoever looks into a failure.
trap 'journalctl --quiet --no-pager --boot >"$out/journal-$(date +%s)" 2>&1 || true' EXIT

stopwatch() { started=${EPOCHREALTIME/./}; }
elapsed_ms() { echo $(((${EPOCHREALTIME/./} - started) / 1000)); }

# row CLIENT CASE EXPECTED GOT [EXIT-EXPECTED EXIT [MS]]: a case holds when both pairs are equal. An expected exit code
# may be `!0`, for any but 0. A unit separator stands between fields, because fields may be empty.
row() {
  local verdict=FAILED code_wanted=${5:--} code=${6:--}
  if [ "$3" = "$4" ] && { [ "$code_wanted" = "$code" ] || { [ "$code_wanted" = '!0' ] && [ "$code" != 0 ]; }; }; then
    verdict=ok
  fi
  [ "$3" != "$4" ] || [ "$verdict" = ok ] || verdict="FAILED (exit code wanted: $code_wanted)"
  printf '%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\n' "$1" "$2" "$3" "$4" "$code" "${7:--}" "$verdict" >>$out/rows
}

end_of_script() { echo end >>$out/rows; }

# within SECONDS COMMAND...: true as soon as the command is.
within() {
  local until=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "${EPOCHREALTIME/./}" -lt "$until" ] || return 1
    sleep 0.05
  done
}

# camera VIEW: what the camera sees from now on; a rename, so that it never sees nothing.
camera() {
  mkdir -p /srv/camera
  [ -d /srv/camera/views ] || cp -r /mnt/frames /srv/camera/views
  ln -sfn "views/$1" /srv/camera/view.new
  mv -T /srv/camera/view.new /srv/camera/view
}

readonly packages=(faceauth libpam-faceauth faceauth-models)
apt_run() { apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }

# install_packages [FOLDER [OPTION...]]: as somebody installs them; the network is a loopback.
install_packages() {
  local package files=()
  for package in "${packages[@]}"; do files+=("${1:-/mnt/dist}/$package"_*.deb); done
  apt_run "${@:2}" install -y "${files[@]}"
}

add_people() {
  local user
  for user in alice carol; do
    useradd --create-home --shell /bin/bash "$user"
    echo "$user:$password" | chpasswd
  done
  usermod --append --groups sudo alice
}

# setting KEY VALUE: replaces a line of the installed configuration, which has every key.
setting() {
  grep -q "^$1 = " /etc/faceauth/faced.toml || return 1
  sed -i "s|^$1 = .*|$1 = $2|" /etc/faceauth/faced.toml
}

# A recording as the camera, with liveness OFF for that reason: a looped still is an attack, and refused otherwise.
use_replay() {
  setting device '"replay:/srv/camera/view/%03d.jpg"'
  setting allow_replay true
  setting mode '"off"'
}

# set_up: packages, people, alice's face, and the profiles that ask for it.
set_up() {
  install_packages
  add_people
  camera owner-login
  use_replay
  systemctl try-restart faced.service
  pam-auth-update --enable faceauth faceauth-report
  enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg
  warm_up
}

# A first look, so that no case pays for loading the models, however busy the machine is.
warm_up() {
  camera owner-login
  within 60 enroll-tool verify alice
}
