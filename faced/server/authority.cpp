#include <faced/server/authority.h>

#include <algorithm>
#include <array>

namespace faceauth {
namespace {

using wire::Type;

// clang-format off
constexpr std::array kAuthority = {
  //   request               phase           right                        subject  handler
  Rule{Type::auth_begin,     Phase::idle,    Right::root_or_self,         true,    handle_auth},
  Rule{Type::report,         Phase::idle,    Right::root_or_self,         true,    handle_report},
  Rule{Type::prove_password, Phase::idle,    Right::root_or_self,         true,    handle_prove_password},
  Rule{Type::set_password,   Phase::idle,    Right::root_or_self_proven,  true,    handle_set_password},
  Rule{Type::enroll_begin,   Phase::idle,    Right::root_or_self_proven,  true,    handle_enroll},
  Rule{Type::verify_begin,   Phase::idle,    Right::root_or_self_present, true,    handle_verify},
  Rule{Type::identify_begin, Phase::idle,    Right::root,                 false,   handle_identify},
  Rule{Type::image,          Phase::photos,  Right::root,                 false,   nullptr},
  Rule{Type::finish,         Phase::photos,  Right::anyone,               false,   nullptr},
  Rule{Type::list,           Phase::idle,    Right::root_or_self,         true,    handle_list},
  Rule{Type::remove,         Phase::idle,    Right::root_or_self_proven,  true,    handle_remove},
  Rule{Type::unlock,         Phase::idle,    Right::root,                 true,    handle_unlock},
  Rule{Type::disable,        Phase::idle,    Right::root_or_self,         true,    handle_disable},
  Rule{Type::enable,         Phase::idle,    Right::root_or_self_proven,  true,    handle_enable},
  Rule{Type::status,         Phase::idle,    Right::anyone,               false,   handle_status},
  Rule{Type::log,            Phase::idle,    Right::root_or_self,         true,    handle_log},
  Rule{Type::log_verify,     Phase::idle,    Right::root,                 false,   handle_log_verify},
  Rule{Type::rekey,          Phase::idle,    Right::root,                 false,   handle_rekey},
  Rule{Type::backup,         Phase::idle,    Right::root,                 false,   handle_backup},
  Rule{Type::restore,        Phase::idle,    Right::root,                 false,   handle_restore},
  Rule{Type::cameras,        Phase::idle,    Right::root_or_self_present, true,    handle_cameras},
  Rule{Type::preview_begin,  Phase::idle,    Right::root_or_self_present, true,    handle_preview},
  Rule{Type::import_template, Phase::idle,   Right::root,                 true,    handle_import},
  Rule{Type::auth_identify,  Phase::idle,    Right::root,                 false,   handle_auth_identify},
  Rule{Type::restore_chunk,  Phase::restoring, Right::root,               false,   nullptr},
};
// clang-format on

}  // namespace

std::span<const Rule> authority() { return kAuthority; }

const Rule* find_rule(wire::Type type, Phase phase) {
  const auto rule = std::find_if(kAuthority.begin(), kAuthority.end(),
                                 [&](const Rule& r) { return r.type == type && r.phase == phase; });
  return rule == kAuthority.end() ? nullptr : &*rule;
}

bool permits(Right right, const Peer& peer, std::optional<std::uint32_t> subject_uid, bool proven, bool present) {
  const bool self = subject_uid && *subject_uid == peer.uid;
  switch (right) {
    case Right::anyone:
      return true;
    case Right::root:
      return peer.is_root();
    case Right::root_or_self:
      return peer.is_root() || self;
    case Right::root_or_self_present:
      return peer.is_root() || (self && present);
    case Right::root_or_self_proven:
      return peer.is_root() || (self && proven);
  }
  return false;
}

}  // namespace faceauth
