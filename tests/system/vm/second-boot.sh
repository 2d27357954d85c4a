#!/usr/bin/env bash
# The same disk and TPM after a reboot: the key opens, and no longer once the machine has measured something else.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
. /mnt/tests/vm/lib.sh

camera owner-login
plug
code=0
stopwatch
within 60 enroll-tool --quiet status || code=$?
row key "after a reboot the TPM opens the key" "1 template" \
  "$(enroll-tool --json list alice | grep -o '"id"' | wc -l) template" 0 "$code" "$(elapsed_ms)"
within 60 pgrep --exact faced-vision
su_case "after boot, face ok: wrong password" owner-login "$wrong" "$due: refused" '!0'
su_case "after boot, face ok: right password" owner-login "$password" "$due: by password" 0
su_case "second login after boot: face ok" owner-login "$wrong" "Face recognised: by face" 0
starts_faced
su_case "faced restarted, PCR 7 as it was: face ok" owner-login "$wrong" "Face recognised: by face" 0
perl "$tests/vm/pcr_extend.pl" 7
key_refused "PCR 7 changed"
end_of_script
