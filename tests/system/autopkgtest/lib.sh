# Sourced by the part's scripts.
. /mnt/tests/inside/lib.sh

# debian_test NAME: one of debian/tests.
debian_test() {
  local code=0 got=passed
  install_packages
  stopwatch
  (cd /mnt/source && bash "debian/tests/$1") >"$out/$1.log" 2>&1 || { code=$? && got=failed; }
  row "debian/tests" "$1" passed "$got" 0 "$code" "$(elapsed_ms)"
  tail -n 20 "$out/$1.log"
  end_of_script
}
