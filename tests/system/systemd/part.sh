# Sourced by run.sh. The packages under real systemd: what the unit promises, upgrade, removal, purge.
roots_systemd=base
scripts_systemd=(service life removal sandbox)
part_systemd() {
  new_machine service base
  run_machine service 180 systemd/service.sh
  make_older "$work/older"
  new_machine life base
  bind=("--bind-ro=$work/older:/mnt/older")
  run_machine life 180 systemd/life.sh
  bind=()
  new_machine removal base
  run_machine removal 240 systemd/removal.sh
  new_machine sandbox base
  run_unshared sandbox 120 systemd/sandbox.sh
}

# make_older FOLDER: the packages of dist again, under a lower version.
make_older() {
  local package tree version
  mkdir -p "$1"
  for package in "$dist"/{faceauth,libpam-faceauth,faceauth-models}_*.deb; do
    tree=$(mktemp -d "$work/XXXXXX")
    dpkg-deb --raw-extract "$package" "$tree"
    version=$(dpkg-deb --field "$package" Version)
    # Another default than today's, so that an upgrade has to do with a changed file on both sides.
    [ ! -e "$tree/etc/faceauth/faced.toml" ] || echo '# of an older version' >>"$tree/etc/faceauth/faced.toml"
    sed -i "s/^Version: .*/Version: 0.0.1~older/; s/(= $version)/(= 0.0.1~older)/g" "$tree/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$tree" "$1/" >/dev/null
    rm -rf "$tree"
  done
}
