# Sourced by the scripts of this part: somebody at a lock screen.
readonly runtime=/run/user-alice
# No function: in the background $! has to be the program's own pid.
as_alice=(setpriv --reuid=alice --regid=alice --init-groups env HOME=/home/alice XDG_RUNTIME_DIR=$runtime)

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
