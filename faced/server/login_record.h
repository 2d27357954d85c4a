// What a login asks for, what it came to, and what is written down of it.
#pragma once

#include <faced/auth/policy.h>
#include <faced/server/handlers.h>

#include <faceauth/verdict.h>

#include <chrono>
#include <string>

namespace faceauth {

struct Login {
  std::string service, tty, rhost;
  Demand demand;
  bool remote_allowed = false;
  bool password_at_hand = false, may_prompt = true;
  std::chrono::milliseconds timeout{};
  std::chrono::milliseconds lock_wait{};  // before a face is looked at
};

struct Judgement {
  Verdict verdict = Verdict::error;
  bool judged = false;
  bool client_left = false;

  // What was judged stays the answer, whatever kept us from judging more.
  void refused(Verdict why, bool was_judged) {
    if (judged && !was_judged) return;
    verdict = why;
    judged = judged || was_judged;
  }
  void matched() {
    verdict = Verdict::match;
    judged = true;
  }
};

// Before the verdict goes out, so that nobody is let in unseen; see audit.h for when it cannot be recorded.
void record_login(Keeper& keeper, const Connection& client, const Request& request, const Login& login,
                  const Judgement& judgement);

void log_verdict(Keeper& keeper, const Connection& client, const Request& request, const Login& login,
                 const Judgement& judgement);

}  // namespace faceauth
