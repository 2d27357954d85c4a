#!/usr/bin/env bash
# What the bash completion offers, asked as a shell asks it; for zsh and fish their syntax. usage: completions.sh ROOT
set -euo pipefail
root=$1
bad=0

# offers "WORDS..." EXPECTED...: completing the last of the words (quoted, "" for an empty one) gives all that is expected.
offers() {
  local words=$1 got want
  shift
  got=$(bash -c '
    . "$1/completions/${2%% *}.bash"
    eval "COMP_WORDS=($2)"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    "_$(tr - _ <<<"${COMP_WORDS[0]}")"
    printf "%s\n" "${COMPREPLY[@]}"' bash "$root" "$words" 2>/dev/null || true)
  for want in "$@"; do
    case $want in
      !*) if grep -qxF -e "${want#!}" <<<"$got"; then echo "completions/bash: '$words' offers ${want#!}" && bad=1; fi ;;
      *) if ! grep -qxF -e "$want" <<<"$got"; then echo "completions/bash: '$words' does not offer $want" && bad=1; fi ;;
    esac
  done
}

offers 'enroll-tool ""' enroll passwd list remove unlock verify identify preview cameras status disable enable log \
  doctor import-howdy rekey backup restore login
offers 'enroll-tool v' verify '!enroll'
offers 'enroll-tool --config /dev/null --json ver' verify
offers 'enroll-tool enroll ro' root
offers 'enroll-tool enroll root ro' '!root'
offers 'enroll-tool enroll root --' --image --label --password-stdin --force --json '!--mode'
offers 'enroll-tool preview --graphics s' sixel '!blocks'
offers 'enroll-tool cameras --' --json '!--graphics'
offers 'enroll-tool enroll root --image /etc/pass' /etc/passwd
offers 'enroll-tool identify --' --image '!--force'
offers 'enroll-tool login ""' status enable disable '!verify'
offers 'enroll-tool login enable ""' login '!common-auth'
offers 'enroll-tool login enable login --mode fa' face-first face+password '!enter'
offers 'enroll-tool login disable --' --all --dry-run '!--mode'
offers 'enroll-tool log ro' root
offers 'enroll-tool log --' --since --until --service --user --verdict --last --failed --verify '!--image'
offers 'enroll-tool log --verdict no' no-match no-face '!match'
offers 'enroll-tool doctor --' --bundle --no-camera '!--image'
offers 'enroll-tool import-howdy /etc/pass' /etc/passwd
offers 'enroll-tool rekey --with-key h' host host+tpm2
offers 'enroll-tool restore --' --passphrase-stdin --merge --replace --skip-unknown --adopt-uids
offers 'enroll-tool backup /etc/pass' /etc/passwd
offers 'faced --' --config --check-config --version
offers 'faced --config /etc/pass' /etc/passwd

zsh -n "$root/completions/_enroll-tool" || bad=1
fish --no-execute "$root/completions/enroll-tool.fish" || bad=1
exit $bad
