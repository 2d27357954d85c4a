// One pam_authenticate through real libpam with a service made for the occasion.
// pam_login SERVICE USER STACK [RHOST] < password, STACK being the lines of the service; prints "CODE BEGUN
// MICROSECONDS USER", BEGUN being microseconds of the monotonic clock, and then the conversation, a line a message.
// ?NAME for USER: none is known, and NAME is given to who asks for one.
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
  std::string password, name, said;
};

int converse(int count, const pam_message** messages, pam_response** responses, void* data) {
  auto* talk = static_cast<Talk*>(data);
  auto* answers = static_cast<pam_response*>(calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) {
    talk->said += std::string(messages[i]->msg) + "\n";
    if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) answers[i].resp = strdup(talk->password.c_str());
    if (messages[i]->msg_style == PAM_PROMPT_ECHO_ON) answers[i].resp = strdup(talk->name.c_str());
  }
  *responses = answers;
  return PAM_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  char directory[] = "/tmp/faceauth-pam-XXXXXX";
  if (mkdtemp(directory) == nullptr) return 2;
  const std::string service = std::string(directory) + "/" + argv[1];
  std::ofstream(service) << argv[3] << "\n";

  Talk talk;
  for (int c = 0; (c = getchar()) != EOF && c != '\n';) talk.password.push_back(static_cast<char>(c));
  const pam_conv conversation{converse, &talk};
  pam_handle_t* pam = nullptr;
  const char* user = argv[2][0] == '?' ? nullptr : argv[2];
  if (user == nullptr) talk.name = argv[2] + 1;
  if (pam_start_confdir(argv[1], user, &conversation, directory, &pam) != PAM_SUCCESS) return 2;
  if (argc == 5 && pam_set_item(pam, PAM_RHOST, argv[4]) != PAM_SUCCESS) return 2;
  const auto begun = std::chrono::steady_clock::now();
  const int code = pam_authenticate(pam, 0);
  const auto elapsed = std::chrono::steady_clock::now() - begun;
  const auto us = [](auto time) {
    return static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  };
  const void* became = nullptr;
  pam_get_item(pam, PAM_USER, &became);
  const std::string whose = became == nullptr ? "" : static_cast<const char*>(became);
  pam_end(pam, code);
  unlink(service.c_str());
  rmdir(directory);
  std::printf("%d %lld %lld %s\n%s", code, us(begun.time_since_epoch()), us(elapsed), whose.c_str(), talk.said.c_str());
  return 0;
}
