# Sourced by the scripts of this part: somebody at a lock screen.
readonly runtime=/run/user-alice
# A locker is its user's own program: outside of a session at the seat its requests count as remote.
readonly session=/run/alice-session  # the session's cgroup.procs
# No function: in the background $! has to be the program's own pid.
as_alice=(sh -c 'echo $$ >"$0" && exec "$@"' $session setpriv --reuid=alice --regid=alice --init-groups env HOME=/home/alice XDG_RUNTIME_DIR=$runtime)

# sit_down: opens alice's session at the seat, which lasts as long as the machine.
sit_down() {
  local uid
  uid=$(id -u alice)
  printf '%s\n' 'account required pam_permit.so' 'session required pam_systemd.so' >/etc/pam.d/alice-desk
  systemd-run --quiet --unit=alice-desk --uid=alice -p PAMName=alice-desk -E XDG_SEAT=seat0 -E XDG_SESSION_TYPE=x11 \
    -E XDG_SESSION_CLASS=user sleep infinity
  within 10 sh -c "ls /sys/fs/cgroup/user.slice/user-$uid.slice/session-*.scope/cgroup.procs"
  ln -sfn /sys/fs/cgroup/user.slice/user-"$uid".slice/session-*.scope/cgroup.procs $session
}

# picture NAME: of the screen, into build/system/NAME.png.
picture() {
  if [ -n "${WAYLAND_DISPLAY:-}" ]; then
    "${as_alice[@]}" grim - >"$out/$1.png"
  else
    import -window root "$out/$1.png"
  fi
}

# shows NAME WORDS: "shown" if the picture has them, an extended regular expression; else what was read. The letters are
# small, so it is read enlarged.
shows() {
  convert "$out/$1.png" -colorspace Gray -resize 300% "$out/$1-large.png"
  tesseract "$out/$1-large.png" - --psm 11 2>/dev/null | tr '\n' ' ' >"$out/$1.txt"
  rm "$out/$1-large.png"
  if grep -qiE -- "$2" "$out/$1.txt"; then echo shown; else head -c 60 "$out/$1.txt"; fi
}

# unlocked SECONDS PID: the locker ended by itself within that time. Sets got, code and took from `stopwatch` on.
unlocked() {
  got=locked code=-
  if within "$1" sh -c "! kill -0 $2"; then
    got=unlocked code=0
    wait "$2" || code=$?
  fi
  took=$(elapsed_ms)
}

# end_locker PID NAME: its helpers, too: one that still waits for PAM keeps the screen locked.
end_locker() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  within 15 sh -c "! pgrep -u alice '^$2'"
}

# first_seconds NAME ATTEMPT...: the owner, asked for at once. The attempt sets locked_at when it starts the locker.
first_seconds() {
  local name=$1
  shift
  "$@" "$name-at-once"
  row "$name" "face ok at once: opens after 3 s" "unlocked, 3 s or more" "$got, $(since_lock)" 0 "$code" "$took"
  sed -i 's/^after_lock_s = 3$/after_lock_s = 0/' /etc/faceauth/faced.toml
  systemctl restart faced.service
  warm_up
  "$@" "$name-may-at-once"
  row "$name" "likewise, after_lock_s = 0" "unlocked, less than 3 s" "$got, $(since_lock)" 0 "$code" "$took"
  sed -i 's/^after_lock_s = 0$/after_lock_s = 3/' /etc/faceauth/faced.toml
  systemctl restart faced.service
  warm_up
}

# Of the unlocking: `took` was counted from the stopwatch's start.
since_lock() {
  if [ $((took + (started - locked_at) / 1000)) -ge 3000 ]; then echo "3 s or more"; else echo "less than 3 s"; fi
}
