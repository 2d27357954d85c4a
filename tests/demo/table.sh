# Sourced by scenes.sh: the stopwatch and the table of steps. Callers set `got` and `took`.
got='' took=0 started=0 wrong_rows=0
readonly columns='%-51s  %-15s  %-22s %6s\n'

stopwatch() { started=${EPOCHREALTIME/./}; }
elapsed_ms() { echo $(((${EPOCHREALTIME/./} - started) / 1000)); }

table_head() {
  # shellcheck disable=SC2059
  printf "$columns" step expected got ms
  printf -- '-%.0s' {1..99}
  echo
}

# row STEP EXPECTED
row() {
  # shellcheck disable=SC2059
  printf "$columns" "$1" "$2" "$got" "$took"
  [ "$got" = "$2" ] || {
    wrong_rows=$((wrong_rows + 1))
    echo "   ^ not what was expected"
  }
}

# shellcheck disable=SC2059
skipped() { printf "$columns" "$1" - skipped -; }

table_end() {
  echo
  if [ "$wrong_rows" -eq 0 ]; then
    echo "Everything held."
  else
    echo "$wrong_rows steps did not hold."
    return 1
  fi
}
