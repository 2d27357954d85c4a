# Sourced by run.sh. Another display manager, with a root of its own: not among the default parts.
roots_sddm=sddm
scripts_sddm=(sddm)
part_sddm() {
  new_machine sddm sddm
  run_machine sddm 600 sddm/sddm.sh
}
