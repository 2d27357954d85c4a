#!/usr/bin/env bash
# package [--reproducible] [--piuparts]: builds the Debian packages from a clean copy of the source, leaves them in dist/
# and shows them to lintian. --reproducible builds them once more, in another folder and without the compiler cache, and
# compares. --piuparts installs and purges them in a copy of a fresh root and looks for what stayed.
. "$FACEAUTH_ROOT/tools/dev/common.sh"
reproducible='' piuparts='' sections=build,package
for option; do
  case $option in
    --reproducible) reproducible=1 ;;
    --piuparts) piuparts=1 sections+=,system,piuparts ;;
    *) die 2 "package: unknown option '$option' (known: --reproducible, --piuparts)" ;;
  esac
done
bash "$FACEAUTH_ROOT/tools/dev/setup.sh" --for "$sections"
cd "$FACEAUTH_ROOT"

# The suite is ./dev test's job.
export DEB_BUILD_OPTIONS=nocheck DEB_BUILD_PROFILES=nocheck
# debhelper gives the build an empty home; the cache must be found all the same.
CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir)}
export CCACHE_DIR
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --show-field Timestamp)
export SOURCE_DATE_EPOCH

version=$(dpkg-parsechangelog --show-field Version)
grep -qx "project(faceauth VERSION $version LANGUAGES C CXX)" CMakeLists.txt ||
  die 1 "package: debian/changelog says $version, CMakeLists.txt another version"

# source_files: what belongs to the source, NUL-separated; without git, everything that no build made.
source_files() {
  if git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
  else
    find . \( -path './build*' -o -path ./dist \) -prune -o -type f -print0
  fi
}

# stage DIRECTORY: the source and what setup fetched, with modes and times that do not depend on this checkout.
stage() {
  rm -rf "$1"
  mkdir -p "$1/build"
  source_files | while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done | tar --null --files-from=- -cf - | tar -xf - -C "$1"
  cp -r --reflink=auto build/models build/photos "$1/build/" # the photos are for debian/tests
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# build WORK: packages and logs in WORK.
build() {
  local work=$1 started=$SECONDS
  rm -rf "$work"
  mkdir -p "$work"
  stage "$work/faceauth-$version"
  (cd "$work/faceauth-$version" && CCACHE_BASEDIR=$PWD dpkg-buildpackage --build=binary --no-sign) >"$work/build.log" 2>&1 || {
    tail -n 60 "$work/build.log" >&2
    die 1 "package: the build failed; all of it: $work/build.log"
  }
  rm -rf "$work/faceauth-$version"
  say "built $version in $((SECONDS - started)) s"
}

# Outside the checkout, so that nothing of it gets in; one folder per checkout, so that the cache hits.
work=${XDG_CACHE_HOME:-$HOME/.cache}/faceauth/package-$(sha256sum <<<"$FACEAUTH_ROOT" | cut -c1-8)
mkdir -p "$work"
exec 9>"$work/lock"
flock --nonblock 9 || die 1 "package: another ./dev package is at work on this checkout"
build "$work/a"

rm -rf dist
mkdir dist
cp "$work"/a/*.deb "$work"/a/*.buildinfo "$work"/a/*.changes dist/

if [ -n "$reproducible" ]; then
  # Everything a build may accidentally depend on is different the second time: folder, cache, zone, umask.
  again=$work/another/folder
  (
    umask 0027
    export CCACHE_DISABLE=1 TZ=Pacific/Chatham
    build "$again"
  )
  (cd dist && sha256sum ./*.deb) | tee "$work/sums"
  (cd "$again" && sha256sum --check --strict "$work/sums") ||
    die 1 "package: two builds differ; compare dist/ and $again with diffoscope"
  say "two builds, in different folders, one without the compiler cache: the same bytes"
  rm -rf "$work/another"
fi

say "lintian"
lintian --fail-on error,warning --display-info dist/*.changes
if [ -n "$piuparts" ]; then
  say "piuparts"
  # The root has what our packages depend on, so that what stays is ours. tmp.ci: apt-utils' own, left by every installation.
  root=$(bash tests/system/roots.sh base)
  as_root piuparts --existing-chroot "$root" --distribution bookworm --keep-sources-list \
    --no-eatmydata --ignore-regex '^/var/cache/debconf/tmp.ci/?$' \
    dist/{faceauth,faceauth-models,libpam-faceauth}_*.deb >"$work/piuparts.log" 2>&1 || {
    grep -A 12 'ERROR: FAIL' "$work/piuparts.log" >&2
    die 1 "package: piuparts found something; all of it: $work/piuparts.log"
  }
  tail -n 2 "$work/piuparts.log"
fi
ls -l dist/*.deb
