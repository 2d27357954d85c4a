#include "pam_session.h"

#include <gtest/gtest.h>
#include <tests/support/built.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace faceauth::test {
namespace {

template <class F>
int timed(long& out_ms, F call) {
  const auto from = std::chrono::steady_clock::now();
  const int result = call();
  out_ms = static_cast<long>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - from).count());
  return result;
}

}  // namespace

std::string PamSession::line(const std::string& type, const std::string& socket, const std::string& options) {
  return type + " required @MODULE@ socket=" + socket + " " + options + "\n";
}

PamSession::PamSession(const std::string& lines, const char* user, const std::string& service) {
  std::string file = lines;
  for (const auto& [mark, path] :
       {std::pair<std::string, std::string>{"@MODULE@", built::kPamModule}, {"@PROBE@", built::kPamProbe}})
    for (std::size_t at = file.find(mark); at != std::string::npos; at = file.find(mark))
      file.replace(at, mark.size(), path);
  dir_.write(service, file, 0644);
  dir_.write("other", "auth required pam_deny.so\n", 0644);
  conversation_ = {&PamSession::converse, this};
  EXPECT_EQ(::pam_start_confdir(service.c_str(), user, &conversation_, dir_.path().c_str(), &handle_), PAM_SUCCESS);
}

PamSession::~PamSession() { ::pam_end(handle_, last_); }

int PamSession::authenticate(int flags) {
  return last_ = timed(elapsed_ms_, [&] { return ::pam_authenticate(handle_, flags); });
}

int PamSession::chauthtok(int flags) {
  return last_ = timed(elapsed_ms_, [&] { return ::pam_chauthtok(handle_, flags); });
}

void PamSession::set(int which, const char* value) { EXPECT_EQ(::pam_set_item(handle_, which, value), PAM_SUCCESS); }

bool PamSession::was_told(const std::string& part) const {
  for (const Message& m : messages_)
    if (m.text.find(part) != std::string::npos) return true;
  return false;
}

int PamSession::converse(int count, const pam_message** messages, pam_response** responses, void* self) {
  auto& session = *static_cast<PamSession*>(self);
  auto* out = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) {
    const Message said{messages[i]->msg_style, messages[i]->msg, std::chrono::steady_clock::now()};
    session.messages_.push_back(said);
    if (session.on_message) session.on_message(said);
    if (said.style != PAM_PROMPT_ECHO_OFF && said.style != PAM_PROMPT_ECHO_ON) continue;
    const std::optional<std::string> typed = session.types ? session.types(said) : std::nullopt;
    if (!typed) {
      for (int k = 0; k < i; ++k) std::free(out[k].resp);
      std::free(out);
      return PAM_CONV_ERR;
    }
    out[i].resp = ::strdup(typed->c_str());
  }
  *responses = out;
  return PAM_SUCCESS;
}

}  // namespace faceauth::test
