// The machine's own libpam on a private folder of services, to hold against what enroll-tool thinks it does.
#pragma once

#include <security/pam_appl.h>

#include <cstdlib>
#include <map>
#include <string>

#include "../support/temp_dir.h"

namespace faceauth::test {

struct Authenticated {
  int code = -1;
  std::string told;  // every message, a line each
};

inline int listen(int count, const pam_message** messages, pam_response** responses, void* told) {
  for (int i = 0; i < count; ++i) *static_cast<std::string*>(told) += std::string(messages[i]->msg) + "\n";
  *responses = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  return PAM_SUCCESS;
}

inline void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// `files` are the services there are, by name. Includes by name are not looked for in a private folder.
inline Authenticated authenticate(std::map<std::string, std::string> files, const std::string& service) {
  const TempDir services;
  files.emplace("other", "auth required pam_deny.so\n");
  for (auto& [name, text] : files) {
    for (const char* word : {"include ", "substack ", "include\t\t"})
      replace_all(text, word, word + services.path() + "/");
    services.write(name, text);
  }
  Authenticated out;
  const pam_conv conversation{listen, &out.told};
  pam_handle_t* handle = nullptr;
  if (::pam_start_confdir(service.c_str(), "nobody", &conversation, services.path().c_str(), &handle) != PAM_SUCCESS)
    return out;
  out.code = ::pam_authenticate(handle, 0);
  ::pam_end(handle, out.code);
  return out;
}

}  // namespace faceauth::test
