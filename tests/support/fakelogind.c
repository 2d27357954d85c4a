// A login manager for tests, as an LD_PRELOAD library: every process belongs to nobody's session at this machine's
// seat, which is the active one while the file named by FAKELOGIND_ACTIVE exists.
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int sd_booted(void) { return 1; }

int sd_pid_get_session(pid_t pid, char** session) {
  (void)pid;
  *session = strdup("1");
  return *session == NULL ? -1 : 0;
}

int sd_session_get_uid(const char* session, uid_t* uid) {
  (void)session;
  *uid = 65534;
  return 0;
}

int sd_session_get_seat(const char* session, char** seat) {
  (void)session;
  *seat = strdup("seat0");
  return *seat == NULL ? -1 : 0;
}

int sd_session_is_remote(const char* session) {
  (void)session;
  return 0;
}

int sd_session_is_active(const char* session) {
  (void)session;
  const char* file = getenv("FAKELOGIND_ACTIVE");
  return file != NULL && access(file, F_OK) == 0;
}
