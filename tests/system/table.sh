# Sourced by run.sh: the cases as a table, and their counts. A script leaves build/system/SCRIPT/rows (inside/lib.sh):
# client, case, expected, got, exit code, milliseconds, verdict; and last a line "end".
passed=0 failed=0 skipped=0
readonly columns='%-12s  %-46s  %-34s  %-34s  %4s  %6s  %s\n'

# shellcheck disable=SC2059
print_row() { printf "$columns" "$@"; }

table_head() {
  print_row client case expected got exit ms verdict
  printf -- '-%.0s' {1..156}
  echo
}

# skip_row CLIENT CASE WHY
skip_row() {
  skipped=$((skipped + 1))
  print_row "$1" "$2" - - - - "skipped: $3"
}

# skip_script SCRIPT CLIENT WHY: rows as the script would have left them.
skip_script() {
  mkdir -p "$out/$1"
  printf '%s\x1fevery case\x1f-\x1f-\x1f-\x1f-\x1fskipped: %s\nend\n' "$2" "$3" >"$out/$1/rows"
}

# fail_row CLIENT CASE WHY
fail_row() {
  failed=$((failed + 1))
  print_row "$1" "$2" - - - - "FAILED: $3"
}

# collect SCRIPT: prints and counts what it left. One that did not get to its end has failed, however good its rows are.
collect() {
  local client case expected got code ms verdict ended='' rows=$out/$1/rows
  if [ -e "$rows" ]; then
    while IFS=$'\x1f' read -r client case expected got code ms verdict; do
      if [ "$client" = end ]; then
        ended=1
        continue
      fi
      case $verdict in
        ok) passed=$((passed + 1)) ;;
        skipped:*) skipped=$((skipped + 1)) ;;
        *) failed=$((failed + 1)) ;;
      esac
      print_row "$client" "$case" "$expected" "$got" "$code" "$ms" "$verdict"
    done <"$rows"
  fi
  [ -n "$ended" ] || fail_row "$1" "the script runs to its end" "see $out/$1/log and console"
}

finish() {
  # Nothing tried is nothing shown.
  [ "$((passed + failed + skipped))" -gt 0 ] || failed=1
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
