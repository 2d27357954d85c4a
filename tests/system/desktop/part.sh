roots_desktop=desktop
part_desktop() { :; }
