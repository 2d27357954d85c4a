# Sourced by the scripts of this part.

# matrix CLIENT LABEL SHOWS: what the client shows of PAM's messages: all, none, or those before a prompt.
matrix() {
  local name=$2 recognised="Face recognised: " refused="Not recognised: " unseen="No face seen: "
  [ "$3" = all ] || recognised=''
  [ "$3" != none ] || recognised='looked: ' refused='looked: ' unseen='looked: '  # a prompt is no message
  attempt "$1" owner-login "$wrong"
  row "$name" "face ok" "${recognised}by face" "$got" 0 "$code" "$took"
  attempt "$1" stranger-1 "$wrong"
  row "$name" "stranger, wrong password" "${refused}refused" "$got" '!0' "$code" "$took"
  attempt "$1" stranger-2 "$password"
  row "$name" "stranger, right password" "${refused}by password" "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$password"
  row "$name" "nobody there, right password" "${unseen}by password" "$got" 0 "$code" "$took"
  attempt "$1" empty-room "$wrong"
  row "$name" "nobody there, wrong password" "${unseen}refused" "$got" '!0' "$code" "$took"
  systemctl stop faced.socket faced.service
  attempt "$1" owner-login "$password"
  row "$name" "daemon dead, right password" "by password" "$got" 0 "$code" "$took"
  attempt "$1" owner-login "$wrong"
  row "$name" "daemon dead, wrong password" "refused" "$got" '!0' "$code" "$took"
  systemctl start faced.socket
  warm_up
}
