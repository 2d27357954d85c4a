// A PAM transaction of the real libpam on a private service file that holds nothing but our module.
#pragma once

#include <unit/support/temp_dir.h>

#include <security/pam_appl.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace faceauth::test {

struct Message {
  int style;
  std::string text;
  std::chrono::steady_clock::time_point at;
};

class PamSession {
 public:
  // `lines` of the service file, with @MODULE@ for ours and @PROBE@ for probe_module.c. pam_end is called with the
  // session.
  PamSession(const std::string& lines, const char* user, const std::string& service = "faceauth-test");
  ~PamSession();
  PamSession(const PamSession&) = delete;
  PamSession& operator=(const PamSession&) = delete;

  // "auth required @MODULE@ socket=... <options>"
  static std::string line(const std::string& type, const std::string& socket, const std::string& options = "");

  // What the person types at a prompt; nullopt: the conversation fails. Unset: no prompt is expected, and fails.
  std::function<std::optional<std::string>(const Message&)> types;
  std::function<void(const Message&)> on_message;  // also for text

  int authenticate(int flags = 0);
  int chauthtok(int flags = 0);
  int setcred(int flags = PAM_ESTABLISH_CRED) { return ::pam_setcred(handle_, flags); }
  void set(int which, const char* value);

  [[nodiscard]] pam_handle_t* handle() const { return handle_; }
  [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }
  [[nodiscard]] bool was_told(const std::string& part) const;
  [[nodiscard]] long elapsed_ms() const { return elapsed_ms_; }  // of the last call

 private:
  static int converse(int count, const pam_message** messages, pam_response** responses, void* self);

  TempDir dir_;
  pam_handle_t* handle_ = nullptr;
  pam_conv conversation_{};
  std::vector<Message> messages_;
  long elapsed_ms_ = 0;
  int last_ = PAM_SUCCESS;
};

}  // namespace faceauth::test
