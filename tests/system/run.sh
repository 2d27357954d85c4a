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
for part in "${all_parts[@]}"; do . "$here/$part/part.sh"; done

if [ -z "${FACEAUTH_SYSTEM_INSIDE:-}" ]; then
  rm -rf "$out"
  mkdir -p "$out"
  if ! unshare --mount --propagation private --pid --fork --mount-proc \
    sh -c 'mount -t tmpfs tmpfs /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m &&
      mount -t overlay overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m' 2>"$out/namespaces.log"; then
    for part in "$@"; do
      skip_row "$part" "every case" "namespaces and overlays are not permitted here: $(tail -n 1 "$out/namespaces.log")"
    done
    finish
    exit
  fi
  # Made out here, where apt finds the machine as it is.
  for part in "$@"; do
    roots="roots_$part"
    for root in ${!roots}; do bash "$here/roots.sh" "$root" >/dev/null; done
  done

  . "$here/cgroup.sh"
  enter_cgroup
  trap leave_cgroup EXIT
  code=0
  # Everything below is a child of a process that is pid 1 of its namespace: killing that one ends them all.
  FACEAUTH_SYSTEM_INSIDE=1 setpriv --pdeathsig TERM -- unshare --mount --propagation private --pid --fork --kill-child \
    --mount-proc bash "${BASH_SOURCE[0]}" "$@" || code=$?
  exit "$code"
fi

# As pid 1 this shell would otherwise ignore them.
trap 'exit 130' INT
trap 'exit 143' TERM
. "$here/machine.sh"

frames=$work/frames
"$FACEAUTH_ROOT/build/tests/demo/demo-frames" "$FACEAUTH_ROOT/build/photos" "$frames"

table_head
for part in "$@"; do
  began=$SECONDS
  say "part $part"
  "part_$part"
  say "part $part: $((SECONDS - began)) s"
done
finish
