# Sourced by run.sh. The clients that ask on a terminal, against every state of camera and daemon.
roots_clients=base
scripts_clients=(clients after-boot modes ssh)
part_clients() {
  new_machine ssh base
  run_machine ssh 360 clients/ssh.sh &
  new_machine modes base
  run_machine modes 240 clients/modes.sh &
  new_machine clients base
  run_machine clients 360 clients/clients.sh
  run_machine clients 60 clients/after-boot.sh
  wait
}
