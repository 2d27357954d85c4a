# Sourced by run.sh: machines. A machine is an overlay over a cached root, booted with real systemd as PID 1 under
# systemd-nspawn; it runs one script and powers off. Booting it again finds the disk as it was left.
mount -t tmpfs -o mode=0755 tmpfs "$work"
# Where nspawn keeps its own state: it, too, ends with the namespace.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

# new_machine NAME ROOT: the root's name, as roots.sh takes it.
new_machine() {
  local name=$1 root
  root=$(bash "$here/roots.sh" "$2")
  mkdir -p "$work/$name"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/$name/upper,workdir=$work/$name/work" "$work/$name/root"
  furnish "$work/$name/root" "$name"
}

# furnish ROOT NAME: what a root needs to be a machine that runs one script and powers off.
furnish() {
  echo "$2" >"$1/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$2" >"$1/etc/hosts"
  cat >"$1/etc/systemd/system/faceauth-test.service" <<UNIT
[Unit]
Description=One script of the system tests
After=multi-user.target
[Service]
Type=exec
ExecStart=/bin/bash -c '. /mnt/out/command'
ExecStopPost=/bin/systemctl start --no-block --job-mode=replace-irreversibly poweroff.target
StandardOutput=append:/mnt/out/log
StandardError=append:/mnt/out/log
TimeoutStopSec=5
UNIT
  mkdir -p "$1/etc/systemd/system/graphical.target.wants"
  ln -sf ../faceauth-test.service "$1/etc/systemd/system/graphical.target.wants/"
}

# run_machine NAME SECONDS SCRIPT: SCRIPT is a path below tests/system; the array `bind` holds more options of nspawn. What
# it leaves lies in build/system/SCRIPT. A machine that takes longer is ended from outside.
bind=()
run_machine() { in_machine boot_nspawn "$@"; }

# run_unshared NAME SECONDS SCRIPT: the same without nspawn, where cgroup controllers are of version 1: systemd then
# enforces MemoryMax=, TasksMax= and DeviceAllow=, of which nspawn's machines see nothing.
run_unshared() {
  if [ -d /sys/fs/cgroup/pids ]; then in_machine boot_unshared "$@"; else in_machine boot_nspawn "$@"; fi
}

# in_machine BOOT NAME SECONDS SCRIPT. A subshell, for the control group that is entered and for machines side by side.
in_machine() (
  boot=$1 name=$2 seconds=$3 results=$out/$(basename "$4" .sh) code=0 began=$SECONDS
  mkdir "$results"
  echo "cd /mnt/tests && exec bash $4" >"$results/command"
  enter_cgroup "$name"
  "$boot" </dev/null >"$results/console" 2>&1 || code=$?
  [ "$code" -eq 0 ] || echo "the machine ended with $code (124: it took longer than $seconds s)" >>"$results/log"
  say "$4: $((SECONDS - began)) s"
)

boot_nspawn() {
  # In nspawn's default mode DeviceAllow= and IPAddressDeny= are silently not enforced: they need the unified hierarchy
  # and BPF. The Landlock calls are for faced's own sandbox; without CAP_IPC_LOCK nothing can be locked into memory, and
  # lightdm ends at its first password.
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout --kill-after 5 "$seconds" systemd-nspawn --quiet \
    --directory="$work/$name/root" --boot --machine="faceauth-$name" --register=no --keep-unit --private-network \
    --console=pipe --bind="$results:/mnt/out" --bind-ro="$here:/mnt/tests" --bind-ro="$dist:/mnt/dist" \
    --bind-ro="$frames:/mnt/frames" "${bind[@]}" --capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON,CAP_IPC_LOCK \
    --system-call-filter="bpf landlock_create_ruleset landlock_add_rule landlock_restrict_self"
}

boot_unshared() {
  timeout --kill-after 5 "$seconds" unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child \
    --propagation private bash "$here/unshared.sh" "$work/$name/root" "$results" "$here" "$dist" "$frames"
}
