# Sourced by run.sh. debian/tests as autopkgtest runs them, on the installed packages, from the top of the source.
roots_autopkgtest=autopkgtest
scripts_autopkgtest=(autopkgtest-login autopkgtest-service)
part_autopkgtest() {
  bind=("--bind-ro=$FACEAUTH_ROOT:/mnt/source")
  local name
  for name in login service; do
    new_machine "autopkgtest-$name" autopkgtest
    run_machine "autopkgtest-$name" 180 "autopkgtest/autopkgtest-$name.sh"
  done
  bind=()
}
