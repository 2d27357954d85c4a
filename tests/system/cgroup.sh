# Sourced by run.sh: a control group of this run's own. systemd-nspawn makes its machines' groups below the one it is
# started in, under fixed names, and two runs at once must not meet there.
readonly cgroup_name=faceauth-test-$$

# The hierarchies that systemd uses: v2 alone, or v1 with controllers, a named one, and v2 beside them.
cgroup_roots() {
  local root
  for root in /sys/fs/cgroup /sys/fs/cgroup/{unified,systemd,devices,memory,pids}; do
    if [ -w "$root/cgroup.procs" ]; then echo "$root"; fi
  done
}

enter_cgroup() {
  local root
  for root in $(cgroup_roots); do
    mkdir -p "$root/$cgroup_name"
    echo $$ >"$root/$cgroup_name/cgroup.procs"
  done
}

leave_cgroup() {
  local root
  for root in $(cgroup_roots); do
    echo $$ >"$root/cgroup.procs"
    # The kernel lets go of a killed machine's processes a moment later.
    for _ in {1..50}; do
      find "$root/$cgroup_name" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$root/$cgroup_name" ] || break
      sleep 0.1
    done
  done
}
