#!/usr/bin/env bash
# roots.sh NAME: prints the folder of a Debian 12 root with the packages of [root] and [root-NAME], made when it is not
# there yet. Roots are shared by every checkout of this user and never changed: a run puts an overlay over them.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
name=${1:?usage: roots.sh NAME}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/faceauth/roots
mkdir -p "$cache"

# The machine's own mirrors, in either of apt's two forms; third parties' files are not Debian's.
sources=/etc/apt/sources.list.d/debian.sources
[ -s "$sources" ] || sources=/etc/apt/sources.list

wanted=$(packages root "root-$name" | sort -u | paste -sd,)
# The number stands for how a root is made below: raise it when that changes.
key=$(echo "1 $wanted $(dpkg --print-architecture)" | sha256sum | cut -c 1-16)
root=$cache/$name-$key

# A root that no run has asked for in a month belongs to an older list of packages.
find "$cache" -mindepth 1 -maxdepth 1 -type d -name "*-*" -mtime +30 ! -path "$root" -exec rm -rf --one-file-system {} +

exec 9>"$cache/.lock-$name"
flock 9
if [ ! -d "$root" ]; then
  say "making the root $name (one to five minutes, once): $root" >&2
  proxy=() PROXY=
  eval "$(apt-config shell PROXY Acquire::http::Proxy)"
  [ -z "$PROXY" ] || proxy=(--aptopt="Acquire::http::Proxy \"$PROXY\"")
  unfinished=$(mktemp -d "$cache/.unfinished-XXXXXX")
  trap 'rm -rf --one-file-system "$unfinished"' EXIT
  # Recommended packages are left out and so is documentation: neither is what a login runs.
  mmdebstrap --mode=root --variant=minbase --skip=check/empty --include="$wanted" "${proxy[@]}" \
    --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --logfile="$cache/$name.log" bookworm "$unfinished/root" "$sources" >&2 ||
    die 1 "The root $name could not be made: $cache/$name.log says why."
  chmod 0755 "$unfinished/root"
  mv -T "$unfinished/root" "$root"
fi
touch "$root"
echo "$root"
