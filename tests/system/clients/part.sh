# Sourced by run.sh. The clients that ask on a terminal, against every state of camera and daemon.
roots_clients=base
scripts_clients=(clients after-boot)
part_clients() {
  new_machine clients base
  run_machine clients 360 clients/clients.sh
  run_machine clients 60 clients/after-boot.sh
}
