/* Stands before or after pam_faceauth.so in a test's stack. PAM keeps passwords from applications, not from modules:
   token=X and old=X leave one behind for the next module, expect=X and none assert what the module before left;
   user=X asserts who it is, asking for a name where none is known. */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <string.h>

#define ENTRY __attribute__((visibility("default"))) int

static int probe(pam_handle_t* pamh, int argc, const char** argv) {
  const void* token = NULL;
  const char* user = NULL;
  int i;
  if (pam_get_item(pamh, PAM_AUTHTOK, &token) != PAM_SUCCESS) return PAM_SYSTEM_ERR;
  for (i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "token=", 6) == 0 && pam_set_item(pamh, PAM_AUTHTOK, argv[i] + 6) != PAM_SUCCESS)
      return PAM_SYSTEM_ERR;
    if (strncmp(argv[i], "old=", 4) == 0 && pam_set_item(pamh, PAM_OLDAUTHTOK, argv[i] + 4) != PAM_SUCCESS)
      return PAM_SYSTEM_ERR;
    if (strncmp(argv[i], "expect=", 7) == 0 && (token == NULL || strcmp((const char*)token, argv[i] + 7) != 0))
      return PAM_AUTHTOK_RECOVERY_ERR;
    if (strncmp(argv[i], "user=", 5) == 0 &&
        (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || strcmp(user, argv[i] + 5) != 0))
      return PAM_USER_UNKNOWN;
    if (strcmp(argv[i], "none") == 0 && token != NULL) return PAM_AUTHTOK_RECOVERY_ERR;
  }
  return PAM_SUCCESS;
}

ENTRY pam_sm_authenticate(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)flags;
  return probe(pamh, argc, argv);
}
ENTRY pam_sm_chauthtok(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  return (flags & PAM_UPDATE_AUTHTOK) != 0 ? probe(pamh, argc, argv) : PAM_SUCCESS;
}
ENTRY pam_sm_setcred(pam_handle_t* pamh, int flags, int argc, const char** argv) {
  (void)pamh, (void)flags, (void)argc, (void)argv;
  return PAM_SUCCESS;
}
