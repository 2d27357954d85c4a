# Sourced by part.sh: machines of QEMU, whose instructions are emulated (TCG): no /dev/kvm is asked for. Firmware is OVMF,
# because systemd seals with a TPM only where the firmware measured what it booted.
readonly vm_firmware=/usr/share/OVMF/OVMF_CODE_4M.fd vm_variables=/usr/share/OVMF/OVMF_VARS_4M.fd

# vm_lacks: why there can be no such machine here; nothing when there can.
vm_lacks() {
  local need
  if [ "$(dpkg --print-architecture)" != amd64 ]; then
    echo "the virtual machine is an amd64 one, tried on amd64 only"
    return
  fi
  for need in qemu-system-x86_64 qemu-img swtpm mke2fs "$vm_firmware" "$vm_variables"; do
    command -v "$need" >/dev/null || [ -f "$need" ] || {
      echo "$need is missing: ./dev setup --for system"
      return
    }
  done
}

# vm_image: prints the folder of disk, kernel and initial RAM disk, made from the root "vm" when they are not there yet.
vm_image() {
  local root image
  root=$(bash "$here/roots.sh" vm)
  # A disk is as its root and what is done to that.
  image=$root.$(declare -f furnish furnish_vm make_image | sha256sum | cut -c 1-8)
  if [ ! -d "$image" ]; then
    say "making the disk of the virtual machine (half a minute, once): $image" >&2
    make_image "$root" "$image" >&2
  fi
  touch "$image"
  echo "$image"
}

# furnish_vm ROOT: mounts, and what only costs time in a machine that is emulated.
furnish_vm() {
  local unit share
  furnish "$1" vm
  echo '/dev/vda / ext4 rw,noatime 0 0' >"$1/etc/fstab"
  for share in tests dist frames tools out; do
    mkdir -p "$1/mnt/$share"
    echo "$share /mnt/$share 9p trans=virtio,version=9p2000.L,msize=131072 0 0" >>"$1/etc/fstab"
  done
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service getty@tty1.service serial-getty@ttyS0.service; do
    ln -sf /dev/null "$1/etc/systemd/system/$unit"
  done
  # What cannot be mounted ends the machine, instead of asking nobody what to do.
  ln -sf /lib/systemd/system/poweroff.target "$1/etc/systemd/system/emergency.target"
  echo MODULES=list >"$1/etc/initramfs-tools/conf.d/faceauth-test"
  # 9pnet_virtio as well: mounts that load it side by side do not wait until it has found its devices.
  printf '%s\n' virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio >"$1/etc/initramfs-tools/modules"
}

# make_image ROOT IMAGE: over the root lies an overlay, so that it stays as it is.
make_image() {
  local build=$work/image unfinished kernel
  mkdir -p "$build"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$build/upper,workdir=$build/work" "$build/root"
  furnish_vm "$build/root"
  kernel=$(basename "$build"/root/boot/vmlinuz-*)
  kernel=${kernel#vmlinuz-}
  mount --bind /proc "$build/root/proc"
  chroot "$build/root" mkinitramfs -o "/boot/initrd.img-$kernel" "$kernel"
  umount "$build/root/proc"
  unfinished=$(mktemp -d "$1.unfinished-XXXXXX")
  mv "$build/root/boot/vmlinuz-$kernel" "$unfinished/vmlinuz"
  mv "$build/root/boot/initrd.img-$kernel" "$unfinished/initrd"
  mke2fs -q -t ext4 -m 0 -d "$build/root" "$unfinished/disk" 6G
  umount "$build/root"
  rm -rf "$build"
  mv -T "$unfinished" "$2"
}

# new_vm NAME: a disk over the image's, variables of the firmware, an empty TPM, and what is shared with it.
new_vm() {
  local image
  image=$(vm_image)
  mkdir -p "$work/$1/tpm" "$work/$1/tools"
  ln -s "$image" "$work/$1/image"
  cp "$FACEAUTH_ROOT/build/tests/system/vm/stand-in-vision" "$work/$1/tools/"
  cp "$vm_variables" "$work/$1/variables"
  qemu-img create -q -f qcow2 -b "$image/disk" -F raw "$work/$1/disk"
}

# replace_tpm NAME
replace_tpm() {
  rm -rf "$work/$1/tpm"
  mkdir "$work/$1/tpm"
}

# run_vm NAME SECONDS SCRIPT: as run_machine does.
run_vm() { in_machine boot_qemu "$@"; }

boot_qemu() {
  local vm=$work/$name share folder shares=()
  # Where the host is busy the timer may fail the kernel's test at boot, and the clock look unsteady.
  local clock="no_timer_check tsc=reliable"
  for share in "tests,readonly=on $here" "dist,readonly=on $dist" "frames,readonly=on $frames" \
    "tools,readonly=on $vm/tools" "out $results"; do
    folder=${share#* }
    shares+=(-virtfs "local,path=$folder,mount_tag=${share%% *},security_model=none,multidevs=remap")
  done
  # It ends with the machine.
  swtpm socket --tpm2 --tpmstate "dir=$vm/tpm" --ctrl "type=unixio,path=$vm/tpm/socket" --terminate --daemon
  timeout --kill-after 5 "$seconds" qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -M q35 \
    -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -serial stdio -device virtio-rng-pci \
    -drive "if=pflash,format=raw,unit=0,readonly=on,file=$vm_firmware" \
    -drive "if=pflash,format=raw,unit=1,file=$vm/variables" \
    -drive "if=virtio,format=qcow2,cache=unsafe,file=$vm/disk" \
    -chardev "socket,id=tpm,path=$vm/tpm/socket" -tpmdev emulator,id=tpm0,chardev=tpm -device tpm-tis,tpmdev=tpm0 \
    -kernel "$vm/image/vmlinuz" -initrd "$vm/image/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 systemd.show_status=0 mitigations=off $clock" "${shares[@]}"
}
