# Sourced by run.sh. The clients that ask on a terminal, against every state of camera and daemon.
roots_clients=base
part_clients() {
  new_machine clients base
  run_machine clients 240 clients/clients.sh
  collect clients
  run_machine clients 60 clients/after-boot.sh
  collect clients
  new_machine dead base
  run_machine dead 180 clients/dead-daemon.sh
  collect dead
}
