#!/usr/bin/env bash
# The same disk, host secret and all, in a machine with another TPM.
. /mnt/tests/inside/lib.sh
. /mnt/tests/inside/clients.sh
. /mnt/tests/vm/lib.sh

camera owner-login
plug
key_refused "another machine's TPM"
row key "the store is untouched" "data.mdb keyring" "$(cd /var/lib/faceauth && echo data.mdb keyring | xargs ls | xargs)"
end_of_script
