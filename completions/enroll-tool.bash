# bash completion for enroll-tool(1)

_enroll_tool_services() {
  local file
  for file in /etc/pam.d/* /usr/lib/pam.d/*; do
    file=${file##*/}
    case $file in common-* | '*' | *~ | *.dpkg-*) ;; *) printf '%s\n' "$file" ;; esac
  done
}

# Sets `verb` to the first word that is no option, and `second` to the one after it.
_enroll_tool_verbs() {
  local i
  verb='' second=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --config | --image | --label | --mode | --since | --until | --verdict | --last | --user | --bundle | --service | \
        --credential | --with-key | --graphics) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; elif [[ -z $second ]]; then second=${COMP_WORDS[i]}; fi
        ;;
    esac
  done
}

_enroll_tool() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb second
  local options='--config --json --quiet --help'
  COMPREPLY=()
  case $prev in
    --config | --image | --credential | --bundle)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --mode)
      mapfile -t COMPREPLY < <(compgen -W 'face-first enter face+password' -- "$cur")
      return
      ;;
    --graphics)
      mapfile -t COMPREPLY < <(compgen -W 'auto kitty sixel blocks blocks-256' -- "$cur")
      return
      ;;
    --with-key)
      mapfile -t COMPREPLY < <(compgen -W 'auto host tpm2 host+tpm2' -- "$cur")
      return
      ;;
    --service)
      mapfile -t COMPREPLY < <(compgen -W "$(_enroll_tool_services)" -- "$cur")
      return
      ;;
    --verdict)
      mapfile -t COMPREPLY < <(compgen -W 'match no-match not-live no-face timeout busy locked-out done' -- "$cur")
      return
      ;;
    --user)
      mapfile -t COMPREPLY < <(compgen -u -- "$cur")
      return
      ;;
    --label | --since | --until | --last) return ;;
  esac

  _enroll_tool_verbs
  case $verb in
    '') options+=' --version' ;;
    enroll) options+=' --image --label --password-stdin --force --events --pictures --graphics' ;;
    preview) options+=' --pictures --graphics' ;;
    passwd | enable) options+=' --password-stdin' ;;
    remove) options+=' --label --password-stdin' ;;
    verify) options+=' --image --password-stdin' ;;
    identify) options+=' --image' ;;
    log) options+=' --user --since --until --service --verdict --failed --last --verify' ;;
    doctor) options+=' --bundle --no-camera' ;;
    import-howdy) options+=' --user' ;;
    rekey) options+=' --credential --with-key --settle' ;;
    backup) options+=' --passphrase-stdin' ;;
    restore) options+=' --passphrase-stdin --merge --replace --skip-unknown --adopt-uids' ;;
    login)
      case $second in
        enable) options+=' --mode --dry-run' ;;
        disable) options+=' --all --dry-run' ;;
      esac
      ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi
  case $verb in
    '')
      local verbs='enroll passwd list remove unlock verify identify preview cameras status disable enable log doctor'
      verbs+=' import-howdy rekey backup restore login'
      mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
      ;;
    enroll | passwd | list | remove | unlock | verify | disable | enable | log)
      if [[ -z $second ]]; then mapfile -t COMPREPLY < <(compgen -u -- "$cur"); fi
      ;;
    backup | restore | import-howdy)
      compopt -o filenames 2>/dev/null
      if [[ -z $second ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur"); fi
      ;;
    login)
      if [[ -z $second ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'status enable disable' -- "$cur")
      else
        mapfile -t COMPREPLY < <(compgen -W "$(_enroll_tool_services)" -- "$cur")
      fi
      ;;
  esac
}

complete -F _enroll_tool enroll-tool
