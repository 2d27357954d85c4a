# Sourced by first-boot.sh. The installed profile, enforced by a kernel that has AppArmor.
readonly profile=/etc/apparmor.d/usr.libexec.faceauth.faced

denials() { journalctl --boot --quiet | grep 'apparmor="DENIED".*profile="faced"' || true; }

# labels: under which label every process of the daemon runs, while somebody is being looked for.
labels() {
  local asking pid
  # Again and again: an emulated machine may be too slow for one question's deadlines.
  while :; do enroll-tool verify alice; done >&2 &
  asking=$!
  within 60 is_looking
  for pid in $(pgrep --exact faced) $(pgrep --exact faced-vision); do
    echo "$(cat "/proc/$pid/comm") $(cat "/proc/$pid/attr/current")"
  done | sort | uniq -c | xargs
  kill "$asking"
  wait "$asking" 2>/dev/null || true
}

# What the profile forbids, tried by root in the profile alone, and by root without it, who must succeed.
forbidden() {
  local line what free confined wanted
  perl "$tests/vm/confined.pl" - >/root/free
  perl "$tests/vm/confined.pl" faced >/root/confined
  while read -r line; do
    what=${line% can*} free=${line##* }
    confined=$(sed -n "s|^$what ||p" /root/confined)
    wanted="can, confined cannot"
    case $what in "read its configuration" | "read a model" | "open the camera") wanted="can, confined can" ;; esac
    row apparmor "$what" "$wanted" "$free, confined $confined"
  done </root/free
}

# faced itself is denied what its unit would let it have, and only by the profile.
denied_by_the_profile() {
  setting device '"replay:/srv/camera/view/%03d.jpg"'
  starts_faced
  su_case "enforced: no recording from /srv, right password" owner-login "$password" "$no_camera: by password" 0
  row apparmor "the journal tells of it" "/srv/camera/views/owner-login/000.jpg" \
    "$(denials | sed -n 's/.* name="\(\/srv[^"]*\)".*comm="faced".*/\1/p' | sort -u | xargs)"
  apparmor_parser --replace --Complain "$profile"
  starts_faced
  su_case "the profile only complains: a recording from /srv" owner-login "$wrong" "Face recognised: by face" 0
  apparmor_parser --replace "$profile"
  setting device '"auto"'
  starts_faced
}

apparmor() {
  # Before it is plugged in: a loopback shows its reader frames from a second ago as well.
  camera wall
  plug
  row apparmor "keeper, eye and a camera's worker run in the profile" "1 faced faced (enforce) 2 faced-vision faced (enforce)" "$(labels)"
  denials
  row apparmor "denied of all that faced did so far" nothing "$(denials | grep -q . || echo nothing)"
  forbidden
  denied_by_the_profile
  su_case "enforced again: face ok" owner-login "$wrong" "Face recognised: by face" 0
}
