# Sourced by run.sh: control groups of this run's own. systemd-nspawn makes its machine's groups below the one it is
# started in, under fixed names, and two machines must not meet there.
cgroup_name=${cgroup_name:-faceauth-test-$$}
export cgroup_name

# The hierarchies that systemd uses: v2 alone, or v1 with controllers, a named one, and v2 beside them.
cgroup_roots() {
  local root
  for root in /sys/fs/cgroup /sys/fs/cgroup/{unified,systemd,devices,memory,pids}; do
    if [ -w "$root/cgroup.procs" ]; then echo "$root"; fi
  done
}

# enter_cgroup [MACHINE]: 0 is whoever writes it.
enter_cgroup() {
  local root group
  for root in $(cgroup_roots); do
    group=$root/$cgroup_name/${1:-}
    mkdir -p "$group"
    echo 0 >"$group/cgroup.procs"
  done
}

leave_cgroup() {
  local root
  for root in $(cgroup_roots); do
    echo 0 >"$root/cgroup.procs"
    # The kernel lets go of a killed machine's processes a moment later.
    for _ in {1..50}; do
      find "$root/$cgroup_name" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$root/$cgroup_name" ] || break
      sleep 0.1
    done
  done
}
