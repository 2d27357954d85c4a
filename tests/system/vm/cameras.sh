# Sourced by first-boot.sh. Video devices of a real kernel, opened by the installed faced and read by the eye's own code.

cameras() {
  # faced runs already, and nothing has loaded a driver of cameras yet.
  row camera "before the first camera: drivers, devices" "none, none" \
    "$(grep -q '^v4l2loopback' /proc/modules && echo some || echo none), $(compgen -G '/dev/video*' || echo none)"
  su_case "no camera yet, right password" owner-login "$password" "$no_camera: by password" 0
  su_case "no camera yet, wrong password" owner-login "$wrong" "$no_camera: refused" '!0'
  plug
  # The feed writes one picture over and over, and the stand-in calls every picture live.
  su_case "a still that never changes, liveness on" owner-login "$wrong" "$no_camera: refused" '!0'
  setting mode '"off"'
  systemctl reload faced.service
  setting allow_replay false
  systemctl reload faced.service
  su_case "a loopback, replays not allowed" owner-login "$wrong" "$no_camera: refused" '!0'
  row faced "what a loopback is refused for" "is a virtual camera" \
    "$(journalctl --boot --unit faced.service --output cat | grep -o 'is a virtual camera' | sort -u)"
  setting allow_replay true
  systemctl reload faced.service
  su_case "plugged in: face ok" owner-login "$wrong" "Face recognised: by face" 0
  su_case "stranger, wrong password" stranger-1 "$wrong" "Not recognised: refused" '!0'
  su_case "stranger, right password" stranger-2 "$password" "Not recognised: by password" 0
  su_case "nobody there, right password" wall "$password" "No face seen: by password" 0
  unplug
  su_case "unplugged, right password" owner-login "$password" "$no_camera: by password" 0
  su_case "unplugged, wrong password" owner-login "$wrong" "$no_camera: refused" '!0'
  # As many may open it as have by then: the one who feeds it and one more.
  plug max_openers=2
  su_case "plugged in again: face ok" owner-login "$wrong" "Face recognised: by face" 0
  busy
  su_case "no longer busy: face ok" owner-login "$wrong" "Face recognised: by face" 0
  unplug
  test_camera
}

# The driver turns away whoever opens it.
busy() {
  perl -e 'open(my $camera, "<", "/dev/video0") or die "$!\n"; sleep 600' &
  local holder=$!
  sleep 1
  su_case "busy, refused at open(), right password" owner-login "$password" "$no_camera: by password" 0
  kill "$holder"
  wait "$holder" || true
}

# Whether somebody is being looked for: the eye's first process and a worker.
is_looking() { [ "$(pgrep --count --exact faced-vision)" -ge 2 ]; }

# The kernel's test driver behaves like a webcam where a loopback does not: one reader, and it can lose its cable. It
# shows nothing but black.
test_camera() {
  modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0
  udevadm settle
  v4l2-ctl --device /dev/video0 --set-ctrl test_pattern=5,osd_text_mode=2
  su_case "the kernel's test camera: nobody there, right password" owner-login "$password" "No face seen: by password" 0
  v4l2-ctl --device /dev/video0 --stream-mmap --stream-count 0 >/dev/null 2>&1 &
  local reader=$!
  sleep 2
  su_case "busy, refused at streaming, right password" owner-login "$password" "$no_camera: by password" 0
  kill "$reader"
  wait "$reader" || true
  { within 30 is_looking && v4l2-ctl --device /dev/video0 --set-ctrl disconnect=1; } &
  su_case "unplugged while looking, right password" owner-login "$password" "$no_camera: by password" 0
  wait
  within 20 rmmod vivid
}
