# Sourced by run.sh. Lock screens and a greeter; their pictures end up in build/system.
roots_desktop=desktop
part_desktop() {
  local machine script
  for script in lockers-x11 lockers-wayland lightdm; do
    machine=$script
    new_machine "$machine" desktop
    run_machine "$machine" 240 "desktop/$script.sh"
    collect "$machine"
    cp "$out/$machine"/*.png "$out/" 2>/dev/null || true
  done
}
