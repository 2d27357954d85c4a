#include <faced/server/login_record.h>

#include <faced/server/audit.h>
#include <faced/server/origin.h>
#include <faced/server/unjudged.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <utility>

namespace faceauth {

void record_login(Keeper& keeper, const Connection& client, const Request& request, const Login& login,
                  const Judgement& judgement) {
  AuditEvent event = audit_event(keeper, client, request, AuditKind::login);
  event.verdict = judgement.verdict;
  event.service = login.service;
  event.tty = login.tty;
  event.rhost = login.rhost;
  record_event(keeper, client.peer(), std::move(event), judgement.judged);
}

void log_verdict(Keeper& keeper, const Connection& client, const Request& request, const Login& login,
                 const Judgement& judgement) {
  // What costs its user nothing he can repeat without end, and push everything else out of the log.
  const bool repeatable = !judgement.judged && !client.peer().is_root();
  if (repeatable && !may_log_unjudged(keeper, client.peer())) return;
  const std::string uid = std::to_string(client.peer().uid), pid = std::to_string(client.peer().pid);
  // The program alone: its arguments may hold what no log should.
  const std::string command = command_of(client.peer()), program = command.substr(0, command.find(' '));
  const std::string who = request.subject.empty() ? "nobody known" : request.subject;
  log::info(fmt::format("{} for service {}: {}", who, login.service, verdict_name(judgement.verdict)),
            {{"FACEAUTH_USER", request.subject},
             {"FACEAUTH_SERVICE", login.service},
             {"FACEAUTH_TTY", login.tty},
             {"FACEAUTH_RHOST", login.rhost},
             {"FACEAUTH_VERDICT", verdict_name(judgement.verdict)},
             {"FACEAUTH_PEER_UID", uid},
             {"FACEAUTH_PEER_PID", pid},
             {"FACEAUTH_COMMAND", program}});
}

}  // namespace faceauth
