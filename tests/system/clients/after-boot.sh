#!/usr/bin/env bash
# The machine of clients.sh booted again: a face counts only after a password, which pam_unix takes and `report` tells.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
due="Your password is needed this time"

camera owner-login
enroll-tool --quiet status
within 30 pgrep --exact faced-vision
attempt su owner-login "$wrong"
row su "after boot, face ok: wrong password" "$due: refused" "$got" '!0' "$code" "$took"
attempt su owner-login "$password"
row su "after boot, face ok: right password" "$due: by password" "$got" 0 "$code" "$took"
attempt su owner-login "$wrong"
row su "second login after boot: face ok" "Face recognised: by face" "$got" 0 "$code" "$took"
end_of_script
