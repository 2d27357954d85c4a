# Sourced by tools/dev/system.sh and run.sh. A part is a folder here with part.sh:
#   roots_NAME    the roots it wants (roots.sh)
#   scripts_NAME  its scripts, without folder and .sh, in the order of the table
#   part_NAME     a function that runs them in machines
all_parts=(systemd clients dead desktop autopkgtest sddm vm)
default_parts=(systemd clients dead desktop autopkgtest)
fast_parts=(systemd clients dead)
# These measure nothing that a busy machine would spoil, and mostly wait.
concurrent_parts=(systemd clients)
