# Sourced by run.sh. What a dead daemon costs; alone, because it compares times.
roots_dead=base
scripts_dead=(dead-daemon)
part_dead() {
  new_machine dead base
  run_machine dead 180 dead/dead-daemon.sh
}
