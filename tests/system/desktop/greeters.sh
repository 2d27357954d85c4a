# Sourced by the scripts of display managers: an X server without a screen, and a session that tells whose it is.
mkdir -m 1777 /run/sessions

# Display managers give their X server options that only a real one knows.
cat >/usr/local/bin/x-server <<'X'
#!/bin/bash
known=()
while [ $# -gt 0 ]; do
  case $1 in
    :*) known+=("$1") ;;
    -auth | -displayfd) known+=("$1" "$2") && shift ;;
  esac
  shift
done
# -r: on a busy machine a key would repeat before its release is seen.
exec Xvfb "${known[@]}" -r -screen 0 800x600x24 -nolisten tcp
X
cat >/usr/local/bin/session <<'X'
#!/bin/sh
id -un >/run/sessions/granted
exec sleep 600
X
chmod 0755 /usr/local/bin/x-server /usr/local/bin/session
mkdir -p /usr/share/xsessions
printf '[Desktop Entry]\nName=test\nExec=/usr/local/bin/session\nType=Application\n' >/usr/share/xsessions/test.desktop

# granted SECONDS: sets got and took from `stopwatch` on.
granted() {
  got=refused
  if within "$1" test -s /run/sessions/granted; then got="session of $(cat /run/sessions/granted)"; fi
  took=$(elapsed_ms)
}

# fresh_greeter UNIT CLASS VIEW
fresh_greeter() {
  enroll-tool unlock alice >/dev/null 2>&1 || true
  camera "$3"
  rm -f /run/sessions/granted
  systemctl restart "$1"
  within 15 xdotool search --onlyvisible --class "$2" || true
  sleep 2
}
