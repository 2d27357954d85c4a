#!/usr/bin/env bash
# What faced.service forbids, tried by a unit that is faced.service but for its program; and the same without a sandbox,
# where all of it must succeed, or the denial would prove nothing.
. /mnt/tests/inside/lib.sh

install_packages
# Open to everybody, so that only the sandbox stands in the way.
mkdir -m 0777 /etc/probe /usr/probe /var/probe
mkdir -m 0755 /home/probe
touch /home/probe/file /tmp/probe
mknod -m 0666 /dev/probe c 10 229
# Where the unit allows programs to be run.
cp /usr/bin/perl /usr/libexec/faceauth/probe-perl
command="/usr/libexec/faceauth/probe-perl $tests/inside/probe.pl $(readlink /proc/self/ns/net)"

systemctl cat faced.service | sed -E '/^(Type|ExecStart|ExecReload|Restart.*|Watchdog.*|WantedBy|Also)=/d' \
  >/run/systemd/system/probe.service
printf '[Service]\nType=oneshot\nExecStart=%s\nStandardOutput=truncate:/run/sandboxed\n' "$command" \
  >>/run/systemd/system/probe.service
systemctl daemon-reload
systemctl start probe.service
# TasksMax: the service manager's own default would be a limit, too.
systemd-run --quiet --wait --uid=faceauth --property=StandardOutput=truncate:/run/free --property=TasksMax=infinity \
  --property=DevicePolicy=auto --property=StateDirectory=faceauth $command

while read -r line; do
  what=${line% can*} free=${line##* }
  sandboxed=$(sed -n "s|^$what ||p" /run/sandboxed)
  case $what in
    "write its own state" | "open a Unix socket" | "open /dev/null") wanted="can, sandboxed can" ;;
    *) wanted="can, sandboxed cannot" ;;
  esac
  row sandbox "$what" "$wanted" "$free, sandboxed $sandboxed"
done </run/free

# The unit that seals the key, with another device in the TPM's place, which may be a user's own.
mknod -m 0660 /dev/tpmrm0 c 10 229
chown games:games /dev/tpmrm0
systemctl cat faceauth-key.service | sed -E '/^(ExecStart|Condition.*)=/d' >/run/systemd/system/key-probe.service
cat >>/run/systemd/system/key-probe.service <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'exec 3<>/dev/tpmrm0 && echo the TPM; [ -e /dev/probe ] || echo alone'
StandardOutput=truncate:/run/key-probe
UNIT
systemctl daemon-reload
systemctl start key-probe.service
row sandbox "faceauth-key: of all devices" "the TPM alone" "$(xargs </run/key-probe)"
for unit in faced faceauth-key; do
  row sandbox "$unit: exposure by systemd-analyze security" "at most 1.0" \
    "$(systemd-analyze security --offline=true --threshold=10 "/lib/systemd/system/$unit.service" >/dev/null && echo at most 1.0)"
done

# What the kernel says of the real processes.
enroll-tool --quiet status >/dev/null
within 30 pgrep --exact faced-vision
for process in faced faced-vision; do
  pid=$(pgrep --exact $process)
  row sandbox "$process: no new privileges, seccomp, capabilities" "1 2 0000000000000000 0000000000000000" \
    "$(awk '/^(NoNewPrivs|Seccomp|CapEff|CapBnd):/ { at[$1] = $2 }
      END { print at["NoNewPrivs:"], at["Seccomp:"], at["CapEff:"], at["CapBnd:"] }' "/proc/$pid/status")"
done
group=system.slice/faced.service
for limit in "MemoryMax memory/$group/memory.limit_in_bytes $group/memory.max" "TasksMax pids/$group/pids.max $group/pids.max"; do
  read -r name v1 v2 <<<"$limit"
  row sandbox "$name is the kernel's limit" "$(systemctl show --property="$name" --value faced.service)" \
    "$(cat "/sys/fs/cgroup/$v1" 2>/dev/null || cat "/sys/fs/cgroup/$v2")"
done
end_of_script
