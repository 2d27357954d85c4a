# Sourced by run.sh. A machine with a kernel, a camera's driver, AppArmor and a TPM of its own; emulated, so that it takes
# its time: not among the default parts.
. "$here/vm/machine.sh"
scripts_vm=(first-boot second-boot other-tpm)
# No root is made for a machine that cannot be started.
roots_vm=vm
[ -z "$(vm_lacks)" ] || roots_vm=

part_vm() {
  local lacks script
  lacks=$(vm_lacks)
  if [ -n "$lacks" ]; then
    for script in "${scripts_vm[@]}"; do skip_script "$script" vm "$lacks"; done
    return
  fi
  new_vm vm
  run_vm vm 1800 vm/first-boot.sh
  run_vm vm 900 vm/second-boot.sh
  # The same disk in a machine with another TPM.
  replace_tpm vm
  run_vm vm 900 vm/other-tpm.sh
}
