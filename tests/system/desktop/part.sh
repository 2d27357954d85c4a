# Sourced by run.sh. Lock screens and a greeter; their pictures end up in build/system/*/.
roots_desktop=desktop
scripts_desktop=(lockers-x11 lockers-wayland lightdm)
part_desktop() {
  local script
  for script in "${scripts_desktop[@]}"; do
    new_machine "$script" desktop
    run_machine "$script" 600 "desktop/$script.sh"
  done
}
