# Sourced by tools/dev/system.sh and run.sh. A part is a folder here, with part.sh: a function part_NAME, and in
# roots_NAME the roots it wants.
all_parts=(systemd clients desktop)
default_parts=(systemd clients desktop)
fast_parts=(systemd clients)
