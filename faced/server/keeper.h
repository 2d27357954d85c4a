// What every request works with. On the keeper's thread only; outlives all connections.
#pragma once

#include <faced/auth/lockout.h>
#include <faced/config/config.h>
#include <faced/server/asio.h>
#include <faced/server/camera_memory.h>
#include <faced/server/gallery_index.h>
#include <faced/server/hooks.h>
#include <faced/server/ledger_quota.h>
#include <faced/server/lid.h>
#include <faced/server/log_quota.h>
#include <faced/server/sos_switch.h>
#include <faced/server/workers.h>
#include <faced/store/store.h>
#include <faced/util/clock.h>
#include <faced/vision_link/device_work.h>
#include <faced/vision_link/eye.h>

#include <faceauth/limits.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

namespace faceauth {

struct Keeper {
  asio::io_context& io;
  std::shared_ptr<const Config> config;  // replaced by a reload; a request keeps the one it began with
  Store& store;
  Eye& eye;
  const Clock& clock;
  BootId boot{};
  SosSwitch sos;
  CameraMemory camera_memory;
  Workers hashing{limits::kPasswordHashesAtOnce, limits::kPasswordHashesQueued};
  Workers lookups{2, limits::kConnectionsMax};
  LedgerQuota ledger_quota{};
  LogQuota log_quota{};
  Lid lid{};
  DeviceWork survey{io};  // of the cameras, for people who ask
  Hooks hooks{io};
  GalleryIndex gallery{io};
  std::chrono::milliseconds hashing_took{500};  // the last Argon2id, its queue included; a guess until there was one
  std::set<std::string> faces_in_view{};        // users a scan runs for, "" for whoever is there: one glance must not
                                                // satisfy two requests
  std::size_t at_prompts = 0;                   // people who are being asked
  UserState nobody{};                           // the lockout of logins without a name; see recognise.h
  std::set<std::string> off_unstored{};         // users who switched their face off where that could not be stored
  std::set<std::string> passwords_in_check{};   // so that parallel guesses cannot outrun the lockout
  std::set<std::string> ledger_readers{};       // uids: a walk through it is work, and one at a time is enough
};

// Changes a user's stored counters and switches as they are now: a request that awaited anything must not write back
// what it read before. The event, if any, is recorded also when there is nothing to change.
template <class Change>
Result<void> change_state(Keeper& keeper, const std::string& user, Change change, const AuditEvent* event = nullptr) {
  Result<UserSummary> fresh = keeper.store.user(user);
  if (!fresh) return fail(std::move(fresh));
  UserState state = fresh->state;
  change(state);
  if (state == fresh->state) return event == nullptr ? Result<void>{} : keeper.store.record(*event);
  return keeper.store.set_state(user, state, event);
}

// By his own switch, not by the one for everybody.
[[nodiscard]] inline bool is_switched_off(const Keeper& keeper, const UserSummary& user) {
  return user.state.switched_off || keeper.off_unstored.contains(user.name);
}

// Holds a name in one of the sets above for as long as it lives.
class InUse {
 public:
  InUse(std::set<std::string>& names, const std::string& name) : names_(names) {
    auto [place, inserted] = names_.insert(name);
    if (inserted) place_ = place;
    held_ = inserted;
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  ~InUse() {
    if (held_) names_.erase(place_);
  }
  [[nodiscard]] bool held() const { return held_; }

 private:
  std::set<std::string>& names_;
  std::set<std::string>::iterator place_{};
  bool held_ = false;
};

}  // namespace faceauth
