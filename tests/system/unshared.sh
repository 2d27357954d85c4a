#!/usr/bin/env bash
# unshared.sh ROOT OUT TESTS DIST FRAMES: pid 1 of fresh namespaces becomes systemd in ROOT. Called by run_unshared.
set -euo pipefail
root=$1
mount --bind "$root" "$root"
cd "$root"
mkdir -p mnt/out mnt/tests mnt/dist mnt/frames .outside
mount --bind "$2" mnt/out
mount --bind "$3" mnt/tests
mount --bind "$4" mnt/dist
mount --bind "$5" mnt/frames

mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=0755 tmpfs dev
while read -r name major minor; do
  mknod -m 0666 "dev/$name" c "$major" "$minor"
done <<'NODES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd

# The controllers that this run has groups in (cgroup.sh); as the root of a cgroup namespace they are the machine's.
mount -t tmpfs -o mode=0755 tmpfs sys/fs/cgroup
for controller in devices memory pids; do
  mkdir "sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "sys/fs/cgroup/$controller"
done
mkdir sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd

ip link set lo up
hostname "$(cat etc/hostname)"
pivot_root . .outside
umount -l /.outside
# As nspawn does: without it units do not see what systemd mounts for them, credentials among it.
mount --make-rshared /
exec env -i container=faceauth PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console \
  --show-status=false
