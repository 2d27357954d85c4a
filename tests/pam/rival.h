// Another reader of the same terminal (rival.cpp).
#pragma once

#include <poll.h>

extern bool rival_reads;
