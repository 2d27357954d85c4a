// What the eye gives up, so that a picture which breaks a decoder gains nothing: the first process in two steps, each
// worker in one more.
#pragma once

#include <faceauth/result.h>

namespace faceauth::vision {

// At once on start: dies with its parent, gains no privileges, leaves no core and lets nobody attach.
[[nodiscard]] Result<void> confine_process();

// Once everything is loaded and what will be used is open, while there is one thread: bounded memory and descriptors,
// no file written, Landlock, the system call filter. Everything forked later is inside as well.
[[nodiscard]] Result<void> lock_in();

// In a worker, before it looks at a picture and after its last thread has started: nothing new can be begun.
[[nodiscard]] Result<void> lock_worker();

// In a worker: what it prints goes nowhere, so that it cannot speak in the daemon's log. Sanitizers keep their voice.
void silence_worker();

// False in builds with a sanitizer, whose run-time library needs far more system calls and memory, and ptrace, and in
// coverage builds, which write files when they end: there Landlock, the filter and the memory bound are left out.
[[nodiscard]] bool confinement_complete();

}  // namespace faceauth::vision
