// The keeper's handlers, asked by peers of several uids in sequences that the input chooses, with a store, an eye that
// shows what the input chooses, and requests of its own bytes. Beside it stands a model of what a password and a face
// may do; whatever the keeper grants must be right by it:
//
//   a match only to who may ask, for a face that was shown in this request, live and the user's, or for his password;
//   a change only by root, or by the user who proved on this connection the password that he still has.
//
// The link wraps a few functions: who a peer is, who the system's users are, whether there is a login manager, and
// Argon2id, which would take most of the time.
#include "keeper_world.h"

#include <pwd.h>
#include <sodium.h>
#include <algorithm>
#include <span>

namespace {

using namespace faceauth;
using namespace faceauth::fuzz;
using wire::Type;

// ---- the requests, each held against the model
enum class Request : std::uint8_t { login, verify, prove, set_password, remove, disable, enable, report, raw };
constexpr Request kRequests[] = {Request::login,        Request::verify, Request::prove,
                                 Request::set_password, Request::remove, Request::disable,
                                 Request::enable,       Request::report, Request::raw};

class Sequence {
 public:
  Sequence(World& world, Choices choices) : world_(world), choices_(choices) {}
  ~Sequence() {
    for (Client& client : clients_) world_.hang_up(client);
  }

  void run() {
    for (int i = 0; i < 6 && choices_.left(); ++i)
      if (!step()) return;
  }

 private:
  [[nodiscard]] bool may_ask(const Person& who) { return client().uid == 0 || client().uid == who.uid; }
  [[nodiscard]] bool may_change(const Person& who) {
    return client().uid == 0 ||
           (may_ask(who) && client().proved == &who && world_.model.password_opens(who, client().proved_by));
  }

  // False: what the request has done is not known.
  bool step() {
    const Request request = choices_.of(kRequests);
    const std::uint8_t peer = choices_.byte();
    peer_ = peer % std::size(kPeers);
    connect((peer & 4) != 0);
    const Person& who = choices_.of(kPeople);
    const std::uint8_t sample = choices_.byte();
    const Shown shown{(sample % 4) * 11U, (sample & 4) != 0};
    world_.show(shown);
    const std::string typed = kPasswords[(sample >> 3) % 4];
    switch (request) {
      case Request::login:
        return log_in(who, shown, typed);
      case Request::verify:
        return verify(who, shown, typed);
      case Request::raw:
        return send_raw(shown);
      default:
        return change(request, who, typed);
    }
  }

  void connect(bool anew) {
    if (client().fd >= 0 && !anew) return;
    world_.hang_up(client());
    client() = {kPeers[peer_]};
    world_.connect(client());
  }

  bool log_in(const Person& who, const Shown& shown, const std::string& typed) {
    const Factors factors = choices_.of(kFactors);
    const auto answer = world_.ask(client(), Type::auth_begin, World::login(who.name, factors), typed);
    if (!answer) return reconnect();
    const auto verdict = as<wire::VerdictBody>(*answer);
    if (answer->header.type != Type::verdict || !verdict || verdict->verdict != Verdict::match) return true;
    must(std::string_view(verdict->user.data, verdict->user.size) == who.name, "a match names whom it is for");
    const bool face = world_.model.face_opens(who, shown), password = world_.model.password_opens(who, typed);
    const bool right = factors == Factors::face       ? face
                       : factors == Factors::password ? password
                       : factors == Factors::unset    ? face || password
                                                      : face && password;
    must(may_ask(who) && right, "a login matches by what was shown and typed in it, for who may ask");
    return true;
  }

  bool verify(const Person& who, const Shown& shown, const std::string& typed) {
    const bool by_password = choices_.byte() % 2 == 1;
    const wire::VerifyBegin begin{text(who.name), by_password, text(by_password ? std::string_view(typed) : ""), 500};
    std::uint8_t out[limits::kFrameMax];
    std::vector<std::uint8_t> frames(out, out + wire::encode_frame(out, Type::verify_begin, wire::Nonce{}, begin));
    if (!by_password)
      frames.insert(frames.end(), out, out + wire::encode_frame(out, Type::finish, wire::Nonce{}, wire::Empty{}));
    const auto answer = world_.ask(client(), frames, typed);
    if (!answer) return reconnect();
    const auto result = as<wire::VerifyResult>(*answer);
    if (answer->header.type != Type::verify_result || !result || result->verdict != Verdict::match) return true;
    // Nobody is present here, so that it is root's alone.
    must(client().uid == 0, "a trial is for who may ask");
    must(by_password ? world_.model.password_opens(who, typed) : world_.model.face_opens(who, shown),
         "a trial matches by what was shown or typed in it");
    return true;
  }

  bool change(Request request, const Person& who, const std::string& typed) {
    const auto answer = send(request, who, typed);
    if (!answer) return reconnect();
    const bool done = answer->header.type == Type::done;
    Known& user = world_.model.users[who.name];
    const bool everybody = *who.name == '\0';
    switch (request) {
      case Request::prove:
        if (done) must(may_ask(who) && world_.model.password_opens(who, typed), "a proof needs the user's password");
        client().proved = done ? &who : nullptr;
        client().proved_by = typed;
        break;
      case Request::set_password:
        if (done) must(may_change(who), "a password is set by who may change its user"), user.password = typed;
        break;
      case Request::remove:
        if (done) must(may_change(who), "a user is removed by who may change him"), user.registered = false;
        break;
      case Request::disable:
        if (done) must(may_ask(who) && (!everybody || client().uid == 0), "faces are switched off by who may");
        if (done) (everybody ? world_.model.all_off : user.off) = true;
        break;
      case Request::enable:
        if (done) must(may_change(who) && (!everybody || client().uid == 0), "faces are switched on by who may");
        if (done) (everybody ? world_.model.all_off : user.off) = false;
        break;
      default:
        // Root's word about another password makes the stored one stale, which may only close.
        if (answer->header.type == Type::reported) must(may_ask(who), "a report is for who may ask");
    }
    return true;
  }

  std::optional<Answered> send(Request request, const Person& who, const std::string& typed) {
    const wire::UserOnly user{text(who.name)};
    switch (request) {
      case Request::prove:
        return world_.ask(client(), Type::prove_password, wire::ProvePassword{user.user, text(typed)}, "");
      case Request::set_password:
        return world_.ask(client(), Type::set_password, wire::SetPassword{user.user, text(typed), false}, "");
      case Request::remove:
        return world_.ask(client(), Type::remove, wire::Remove{user.user, {}}, "");
      case Request::report:
        return world_.ask(client(), Type::report, wire::Report{user.user, text(typed), false}, "");
      default:
        return world_.ask(client(), request == Request::disable ? Type::disable : Type::enable, user, "");
    }
  }

  static bool holds(std::span<const std::uint8_t> bytes, std::string_view word) {
    return std::search(bytes.begin(), bytes.end(), word.begin(), word.end()) != bytes.end();
  }

  // What a request of the input's own bytes has changed the model cannot know: it is the last.
  bool send_raw(const Shown& shown) {
    const std::vector<std::uint8_t> bytes = choices_.some();
    if (bytes.empty()) return true;
    const auto answer = world_.ask(client(), bytes, "");
    if (!answer) return false;
    const auto verdict = as<wire::VerdictBody>(*answer);
    if (answer->header.type != Type::verdict || !verdict || verdict->verdict != Verdict::match) return false;
    bool right = false;
    for (const Person& who : kPeople) {
      if (std::string_view(verdict->user.data, verdict->user.size) != who.name || !may_ask(who)) continue;
      const Known& user = world_.model.users[who.name];
      const bool typed = user.registered && !user.password.empty() && holds(bytes, user.password);
      right = world_.model.face_opens(who, shown) || typed;
    }
    must(right, "no bytes make a match that the face, the password and the peer do not");
    return false;
  }

  bool reconnect() {
    connect(true);
    return true;
  }

  Client& client() { return clients_[peer_]; }

  World& world_;
  Choices choices_;
  std::array<Client, std::size(kPeers)> clients_;  // one of each uid, open until the end
  std::size_t peer_ = 0;
};

}  // namespace

extern "C" int __real_getsockopt(int fd, int level, int name, void* value, socklen_t* size);
extern "C" int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  if (level != SOL_SOCKET || name != SO_PEERCRED) return __real_getsockopt(fd, level, name, value, size);
  const ucred peer{1, connecting_uid, connecting_uid};
  std::memcpy(value, &peer, sizeof peer);
  return 0;
}
extern "C" int __wrap_sd_booted() { return 0; }
extern "C" int __wrap_getpwnam_r(const char* name, passwd* entry, char*, std::size_t, passwd** found) {
  *found = nullptr;
  for (const Person& who : kPeople)
    if (who.uid != 0 && std::string_view(name) == who.name) entry->pw_uid = who.uid, *found = entry;
  return 0;
}
extern "C" int __wrap_crypto_pwhash_str_alg(char* out, const char* password, unsigned long long size,
                                            unsigned long long, std::size_t, int) {
  std::snprintf(out, crypto_pwhash_STRBYTES, "$argon2id$v=19$m=65536,t=3,p=1$%.*s",
                static_cast<int>(std::min(size, 64ULL)), password);
  return 0;
}
extern "C" int __wrap_crypto_pwhash_str_verify(const char* stored, const char* password, unsigned long long size) {
  char out[crypto_pwhash_STRBYTES] = {};
  __wrap_crypto_pwhash_str_alg(out, password, size, 3, 0, 0);
  return std::strcmp(stored, out) == 0 ? 0 : -1;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  world.begin_anew();
  Sequence(world, Choices(data, size)).run();
  return 0;
}
