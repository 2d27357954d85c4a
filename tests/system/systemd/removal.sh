#!/usr/bin/env bash
# What the packages' scripts find on systems that are not as they left them: a removal must lock nobody out, a purge leave
# nothing of ours and take nothing of others.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
script=/var/lib/dpkg/info/libpam-faceauth:$(dpkg --print-architecture).prerm

module() { dpkg-query --show --showformat='${db:Status-Abbrev}' libpam-faceauth 2>/dev/null | tr -d ' '; }

# login_at SERVICE PASSWORD: sets got.
login_at() { printf '%s\n' "$2" | timeout 30 pamtester "$1" alice authenticate >/dev/null 2>&1 && got=granted || got=refused; }

# removal_refused CASE NAMED: dpkg refuses, its words name what is in the way, and the package is whole.
removal_refused() {
  local code=0 named
  apt_run remove -y libpam-faceauth >"$out/removal.txt" 2>&1 || code=$?
  named=$(grep -oF -m 1 "$2" "$out/removal.txt" || tail -n 3 "$out/removal.txt" | tr '\n' ' ')
  row removal "$1" "$2, ii" "$named, $(module)" '!0' "$code"
}

# removed_well CASE SERVICE: it goes, and the service takes the right password and no wrong one.
removed_well() {
  local code=0 right
  apt_run remove -y libpam-faceauth >"$out/removal.txt" 2>&1 || code=$?
  login_at "$2" "$password"
  right=$got
  login_at "$2" "$wrong"
  row removal "$1" "removed, granted, refused" "$([ "$(module)" = ii ] || echo removed), $right, $got" 0 "$code"
  apt_run install -y /mnt/dist/libpam-faceauth_*.deb >/dev/null
}

by_hand() {
  printf '%s\n' 'auth required pam_faceauth.so factors=face' '@include common-auth' \
    'auth optional pam_faceauth.so report' >/etc/pam.d/strict
  removal_refused "a strict line written by hand" /etc/pam.d/strict:1
  row removal "the common stack still has the module" 2 "$(grep -c pam_faceauth /etc/pam.d/common-auth)"
  printf 'auth required \\\n  pam_faceauth.so\n@include common-auth\n' >/etc/pam.d/strict
  removal_refused "a line of two rows" /etc/pam.d/strict:1
  printf 'auth [success=ok default=bad] pam_faceauth.so\n@include common-auth\n' >/etc/pam.d/strict
  removal_refused "a control in brackets that refuses" /etc/pam.d/strict:1
  printf 'AUTH Required pam_faceauth.so\n@include common-auth\n' >/etc/pam.d/strict
  removal_refused "a line in capitals" /etc/pam.d/strict:1
  mv /etc/pam.d/strict /etc/pam.d/strict.save
  printf 'auth sufficient pam_faceauth.so\n@include common-auth\n' >/etc/pam.d/strict
  removed_well "a sufficient line written by hand, and an editor's copy of a strict one" strict
  row removal "it is named all the same" /etc/pam.d/strict:1 "$(grep -o -m 1 /etc/pam.d/strict:1 "$out/removal.txt")"
  rm /etc/pam.d/strict /etc/pam.d/strict.save
}

enabled_service() {
  local service=/etc/pam.d/second
  printf '@include common-auth\n@include common-account\n' >$service
  cp $service /root/second
  pam-auth-update --disable faceauth
  enroll-tool --quiet login enable second --mode face+password
  cp $service /root/enabled
  removed_well "a service of face+password" second
  row removal "its file is byte-identical" "" "$(cmp /root/second $service 2>&1)"

  cp /root/enabled $service
  sed -i '/^# faceauth: end/d' $service
  removal_refused "a block without its end" $service:
  cp /root/enabled /etc/second
  ln -sf /etc/second $service
  removal_refused "a symbolic link" $service:
  rm $service /etc/second
  cp /root/enabled $service
  chmod 0664 $service
  removal_refused "a file that a group may write" $service:
  chmod 0644 $service
  printf 'auth required pam_faceauth.so\n@include common-auth\n' >/etc/pam.d/strict
  removal_refused "a strict line beside a service of ours" /etc/pam.d/strict:1
  row removal "the refusal changed no other service" "" "$(cmp /root/enabled $service 2>&1)"
  rm /etc/pam.d/strict
  local code=0
  dpkg --force-depends -r faceauth >/dev/null 2>&1
  dpkg -r libpam-faceauth >"$out/removal.txt" 2>&1 || code=$?
  row removal "without enroll-tool" "$service:, ri" "$(grep -o -m 1 $service: "$out/removal.txt"), $(module)" '!0' "$code"
  dpkg -i /mnt/dist/faceauth_*.deb /mnt/dist/libpam-faceauth_*.deb >/dev/null
  DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=2 "$script" remove
  row removal "one architecture of two goes: nothing changes" "" "$(cmp /root/enabled $service 2>&1)"
  enroll-tool --quiet login disable second
  rm $service
  pam-auth-update --enable faceauth faceauth-report
}

# With a line of the administrator's in its block pam-auth-update leaves the files alone.
edited_block() {
  local code=0
  cp -a /etc/pam.d /root/pam.d
  sed -i '/pam_unix.so/i auth optional pam_warn.so' /etc/pam.d/common-auth
  apt_run remove -y libpam-faceauth >"$out/removal.txt" 2>&1 || code=$?
  row removal "lines that pam-auth-update leaves are named" "/etc/pam.d/common-auth /etc/pam.d/common-password " \
    "$(grep -o '/etc/pam.d/common-[a-z]*:' "$out/removal.txt" | tr -d : | sort -u | tr '\n' ' ')" 0 "$code"
  attempt su owner-login "$password"
  row su "with lines of a missing module: right password" "by password" "$got" 0 "$code" "$took"
  attempt su owner-login "$wrong"
  row su "with lines of a missing module: wrong password" refused "$got" '!0' "$code" "$took"
  pam-auth-update --force --package
  rm -f /etc/pam.d/*.pam-old
  apt_run install -y /mnt/dist/libpam-faceauth_*.deb >/dev/null
}

# purged CASE: everything goes; sets code.
purged() {
  code=0
  apt_run purge -y "${packages[@]}" >"$out/purge.txt" 2>&1 || code=$?
}

what_a_purge_leaves() {
  enroll-tool enroll alice --image /srv/camera/views/owner-enrol/000.jpg
  enroll-tool rekey --credential /etc/credstore.encrypted/faceauth.key
  row purge "rekey left the key that was" "faceauth.key faceauth.key.old" "$(ls /etc/credstore.encrypted | paste -sd ' ')"
  head -c 32 /dev/urandom >/etc/faceauth/key
  systemctl stop faced.socket faced.service
  mkdir /srv/disk
  cp -a /var/lib/faceauth /srv/disk/faces
  rm -r /var/lib/faceauth
  ln -s /srv/disk/faces /var/lib/faceauth
  echo mine >/srv/disk/faces/notes
  purged
  row purge "keys, and the store behind a link" "" \
    "$(ls -d /etc/credstore.encrypted /etc/faceauth /var/lib/faceauth /var/backups/faceauth 2>/dev/null | paste -sd ' ')" 0 "$code"
  row purge "what was beside the store stays, and is told of" "notes, /srv/disk/faces" \
    "$(ls -A /srv/disk/faces | paste -sd ' '), $(grep -o -m 1 /srv/disk/faces "$out/purge.txt")"

  mkdir -m 0750 /etc/credstore.encrypted
  install_packages >/dev/null
  systemd-tmpfiles --create
  row purge "the mode of a folder that was there" "750 faceauth.key" \
    "$(stat -c %a /etc/credstore.encrypted) $(ls /etc/credstore.encrypted)"
  purged
  row purge "an empty folder that was there stays" "750, empty" \
    "$(stat -c %a /etc/credstore.encrypted), $([ -n "$(ls -A /etc/credstore.encrypted)" ] || echo empty)" 0 "$code"
  rmdir /etc/credstore.encrypted
}

# refused_user CASE WORDS: the installation refuses before it makes anything.
refused_user() {
  local code=0
  install_packages >"$out/refused.txt" 2>&1 || code=$?
  row preinst "$1" "$2, nothing made" \
    "$(grep -o -m 1 "$2" "$out/refused.txt"), $([ -e /etc/faceauth/faced.toml ] || [ -e /var/lib/faceauth ] || echo nothing made)" '!0' "$code"
  # What apt had unpacked by then.
  dpkg --purge --force-depends libpam-faceauth faceauth-models >/dev/null 2>&1
}

whose_name_it_is() {
  userdel faceauth
  useradd --create-home --shell /bin/bash faceauth
  refused_user "a person of the name faceauth" "which is no system user's"
  userdel --remove faceauth 2>/dev/null
  useradd --system --user-group --shell /bin/bash faceauth
  refused_user "a system user who can log in" "who can log in"
  userdel faceauth
  groupadd --system --users alice faceauth
  refused_user "a group with members" "with members (alice)"
  groupdel faceauth
  groupadd faceauth
  refused_user "a group that is no system's" "which is no system group's"
  groupdel faceauth
  useradd --system --user-group --shell /usr/sbin/nologin faceauth
  local code=0
  install_packages >/dev/null || code=$?
  row preinst "a system user as ours would be" active "$(systemctl is-active faced.socket)" 0 "$code"
}

# An image that is being built in a chroot, with the builder's /run in it.
image() {
  local root=/srv/image code=0
  mkdir $root /srv/over
  mount -t tmpfs tmpfs /srv/over
  mkdir /srv/over/{upper,work}
  mount -t overlay overlay -o lowerdir=/,upperdir=/srv/over/upper,workdir=/srv/over/work $root
  rm -rf $root/etc/credstore.encrypted $root/var/lib/faceauth
  mount --bind /proc $root/proc
  mount --bind /run $root/run
  chroot $root /var/lib/dpkg/info/faceauth.postinst configure >"$out/image.txt" 2>&1 || code=$?
  row root "no key is sealed for an image" "none" "$([ -e $root/etc/credstore.encrypted ] || echo none)" 0 "$code"
  chroot $root /usr/libexec/faceauth/seal-key >>"$out/image.txt" 2>&1
  row root "by hand one is" faceauth.key "$(ls $root/etc/credstore.encrypted)"
  umount $root/run $root/proc $root /srv/over
}

# here_is: what the scripts of another root must leave alone.
here_is() { find /etc /var/lib/faceauth /run/faceauth -type f -exec sha256sum {} + | sort | sha256sum; }

# dpkg --root with scripts that are not run inside: what they do must be done there, and nothing here.
another_root() {
  local root=/srv/root here code=0
  there() { dpkg --root=$root --force-script-chrootless --force-depends "$@"; }
  mkdir -p $root/etc/pam.d $root/var/lib/dpkg
  cp /etc/passwd /etc/group /etc/login.defs $root/etc/
  sed -i /^faceauth:/d $root/etc/passwd $root/etc/group
  touch $root/var/lib/dpkg/status
  here=$(here_is)
  there -i /mnt/dist/{faceauth,faceauth-models}_*.deb >"$out/root.txt" 2>&1 || code=$?
  row root "an installation there makes a user and no key" "1, none" \
    "$(grep -c ^faceauth: $root/etc/passwd), $([ -e $root/etc/credstore.encrypted ] || echo none)" 0 "$code"
  mkdir -p $root/etc/credstore.encrypted $root/var/backups/faceauth
  touch $root/var/lib/faceauth/data.mdb $root/etc/credstore.encrypted/faceauth.key
  echo 'auth required pam_faceauth.so' >$root/etc/pam.d/strict
  code=0
  DPKG_ROOT=$root "$script" remove >"$out/root.txt" 2>&1 || code=$?
  row root "a refusing line there" "$root/etc/pam.d/strict:1" "$(grep -o $root/etc/pam.d/strict:1 "$out/root.txt")" '!0' "$code"
  code=0
  there --purge faceauth faceauth-models >"$out/root.txt" 2>&1 || code=$?
  row root "a purge there" "" "$(find $root/var/lib/faceauth $root/etc/credstore.encrypted/faceauth.key \
    $root/var/backups/faceauth $root/etc/faceauth 2>/dev/null | paste -sd ' ')" 0 "$code"
  row root "nothing changed here" "$here" "$(here_is)"
}

set_up
by_hand
enabled_service
edited_block
what_a_purge_leaves
whose_name_it_is
image
another_root
end_of_script
