// One pam_authenticate through real libpam with a service made for the occasion.
// pam_login SERVICE USER STACK < password, STACK being the lines of the service; prints "CODE MICROSECONDS" and then
// the conversation, a line a message.
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

struct Talk {
  std::string password, said;
};

int converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto* talk = static_cast<Talk*>(data);
  auto* answers = static_cast<pam_response*>(calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) {
    talk->said += std::string(messages[i]->msg) + "\n";
    if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) answers[i].resp = strdup(talk->password.c_str());
  }
  *responses = answers;
  return PAM_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  char directory[] = "/tmp/faceauth-pam-XXXXXX";
  if (mkdtemp(directory) == nullptr) return 2;
  const std::string service = std::string(directory) + "/" + argv[1];
  std::ofstream(service) << argv[3] << "\n";

  Talk talk;
  for (int c = 0; (c = getchar()) != EOF && c != '\n';) talk.password.push_back(static_cast<char>(c));
  const pam_conv conversation{converse, &talk};
  pam_handle_t* pam = nullptr;
  if (pam_start_confdir(argv[1], argv[2], &conversation, directory, &pam) != PAM_SUCCESS) return 2;
  const auto begun = std::chrono::steady_clock::now();
  const int code = pam_authenticate(pam, 0);
  const auto elapsed = std::chrono::steady_clock::now() - begun;
  pam_end(pam, code);
  unlink(service.c_str());
  rmdir(directory);
  std::printf("%d %lld\n%s", code,
              static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()),
              talk.said.c_str());
  return 0;
}
