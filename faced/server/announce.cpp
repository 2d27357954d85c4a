#include <faced/server/announce.h>

#include <faced/util/log.h>

#include <fmt/format.h>

namespace faceauth {
namespace {

const char* words_for(AuditKind kind) {
  switch (kind) {
    case AuditKind::enroll:
      return "a face was registered for";
    case AuditKind::remove:
      return "faces were removed of";
    case AuditKind::passwd:
      return "the stored password was changed of";
    case AuditKind::disable:
      return "faces were switched off for";
    case AuditKind::enable:
      return "faces were switched on for";
    case AuditKind::restore:
      return "a backup was restored for";
    case AuditKind::adapt:
      return "a login's face joined the templates of";
    default:
      return "something was changed for";
  }
}

// Nothing in it is of a user's own choosing: the name is one that the system knows, or knew when he was registered.
std::vector<std::string> environment_of(const AuditEvent& event) {
  std::vector<std::string> environment = {
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
      fmt::format("FACEAUTH_EVENT={}", audit_kind_name(event.kind)),
      "FACEAUTH_USER=" + event.user,
      fmt::format("FACEAUTH_BY_UID={}", event.peer_uid),
      fmt::format("FACEAUTH_TIME={}", event.time.time_since_epoch().count()),
  };
  if (event.user_uid != ~0U) environment.push_back(fmt::format("FACEAUTH_UID={}", event.user_uid));
  return environment;
}

}  // namespace

void tell_journal(const AuditEvent& event) {
  const std::string by = std::to_string(event.peer_uid), pid = std::to_string(event.peer_pid);
  const std::string uid = event.user_uid == ~0U ? std::string() : std::to_string(event.user_uid);
  log::notice(fmt::format("{} {} by uid {}", words_for(event.kind), event.user.empty() ? "everybody" : event.user, by),
              {{"MESSAGE_ID", kChangeMessageId},
               {"FACEAUTH_EVENT", audit_kind_name(event.kind)},
               {"FACEAUTH_USER", event.user},
               {"FACEAUTH_UID", uid},
               {"FACEAUTH_BY_UID", by},
               {"FACEAUTH_BY_PID", pid}});
}

void announce(Keeper& keeper, const AuditEvent& event) {
  tell_journal(event);
  if (keeper.config->hook.empty()) return;
  const bool weighty =
      event.kind == AuditKind::enroll || event.kind == AuditKind::passwd || event.kind == AuditKind::restore;
  keeper.hooks.run(
      {keeper.config->hook, audit_kind_name(event.kind), environment_of(event), event.peer_uid, event.user, weighty});
}

}  // namespace faceauth
