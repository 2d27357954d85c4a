#!/usr/bin/env bash
# run.sh PART...: the system tests' parts, as root, on .debs in dist/ and a demo-frames program. ./dev system calls it.
#
# A part is a function part_NAME below: it boots machines, whose scripts write their cases as lines of a table.
# Everything lives in namespaces of this process: overlays, machines and their processes end with it.
. "${FACEAUTH_ROOT:?run it by ./dev system}/tools/dev/common.sh"
here=$FACEAUTH_ROOT/tests/system
out=$FACEAUTH_ROOT/build/system
dist=${FACEAUTH_DIST:?run it by ./dev system}
. "$here/table.sh"
. "$here/parts.sh"
. "$here/cgroup.sh"
for part in "${all_parts[@]}"; do . "$here/$part/part.sh"; done

if [ -z "${FACEAUTH_SYSTEM_INSIDE:-}" ]; then
  rm -rf "$out"
  mkdir -p "$out"
  if ! unshare --mount --propagation private --pid --fork --mount-proc \
    sh -c 'mount -t tmpfs tmpfs /mnt && mknod /mnt/null c 1 3 && mkdir /mnt/l /mnt/u /mnt/w /mnt/m &&
      mount -t overlay overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m' 2>"$out/namespaces.log" ||
    ! cgroup_roots | grep -q . ; then
    for part in "$@"; do
      skip_row "$part" "every case" "namespaces, overlays, devices or control groups are not permitted here: $(tail -n 1 "$out/namespaces.log")"
    done
    finish
    exit
  fi
  # Made out here, where apt finds the machine as it is.
  for part in "$@"; do
    roots="roots_$part"
    for root in ${!roots}; do bash "$here/roots.sh" "$root" >/dev/null; done
  done

  work=$(mktemp -d /var/tmp/faceauth-system-XXXXXX)
  trap 'leave_cgroup; rmdir "$work"' EXIT
  enter_cgroup
  export work FACEAUTH_SYSTEM_INSIDE=1
  # The child is pid 1 of its namespaces: with it, whatever its state, go all machines, processes and mounts.
  setpriv --pdeathsig KILL -- unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
    bash "${BASH_SOURCE[0]}" "$@" &
  child=$!
  trap 'kill -KILL "$child"' INT TERM HUP
  code=0
  wait "$child" || code=$?
  exit "$code"
fi

. "$here/machine.sh"
frames=$work/frames
"$FACEAUTH_ROOT/build/tests/demo/demo-frames" "$FACEAUTH_ROOT/build/photos" "$frames"

for part in "$@"; do
  if [[ " ${concurrent_parts[*]} " == *" $part "* ]]; then
    "part_$part" &
  else
    wait
    "part_$part"
  fi
done
wait

table_head
for part in "$@"; do
  scripts="scripts_${part}[@]"
  for script in "${!scripts}"; do collect "$script"; done
done
find "$out" -mindepth 2 -name '*.png' -exec cp -t "$out" {} +
finish
