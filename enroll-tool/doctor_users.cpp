// Who is registered and cannot log in by face, since it is switched off or an imported face waits for its scan.
#include <enroll-tool/connection.h>
#include <enroll-tool/doctor.h>
#include <enroll-tool/waiting.h>
#include <fmt/core.h>

#include <utility>

namespace faceauth::enroll::doctor {

namespace {

constexpr std::size_t kNamedMost = 5;

struct Kept {
  std::vector<std::string> off, waiting;
  std::size_t all = 0;
};

void add(Findings& out, State state, std::string what, std::string mend = "") {
  out.push_back({"users", state, std::move(what), std::move(mend)});
}

std::string named(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamedMost; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kNamedMost ? fmt::format("{} and {} more", text, names.size() - kNamedMost) : text;
}

Result<Kept> read_users(Connection& connection) {
  if (auto begun = connection.begin(wire::Type::list, wire::ListBegin{}); !begun) return fail(std::move(begun));
  Kept kept;
  for (;;) {
    const Result<Answer> answer = connection.next(kRecordsWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) return kept;
    const auto user = Connection::decoded<wire::ListUser>(*answer, wire::Type::list_user);
    if (!user) return tl::unexpected<Error>(user.error());
    const std::string name = string_of(user->user);
    const bool disabled = user->disabled;
    const Result<bool> waits = templates_wait(connection, user->templates);
    if (!waits) return tl::unexpected<Error>(waits.error());
    ++kept.all;
    if (disabled) kept.off.push_back(name);
    if (*waits) kept.waiting.push_back(name);
  }
}

}  // namespace

void check_users(const Patient& patient, const Answers& answers, Findings& out) {
  if (answers.faces_off)
    add(out, State::finding, "face login is switched off for everybody, passwords only", "enroll-tool enable");
  if (!patient.root) return add(out, State::unseen, "only root can see who is registered");
  Result<Connection> connection = Connection::open(patient.settings.socket);
  if (!connection) return add(out, State::unseen, connection.error().message);
  const Result<Kept> kept = read_users(*connection);
  if (!kept) return add(out, State::unseen, kept.error().message);
  // With the switch for everybody the daemon calls each of them disabled.
  if (!kept->off.empty() && !answers.faces_off)
    add(out, State::note, fmt::format("{}: face login is off", named(kept->off)),
        "enroll-tool enable USER, or after too many failures: enroll-tool unlock USER");
  if (!kept->waiting.empty())
    add(out, State::note,
        fmt::format("{}: an imported face waits for a scan, no login by face yet", named(kept->waiting)),
        "enroll-tool enroll USER, at the camera");
  if (kept->all > 0 && kept->off.empty() && kept->waiting.empty())
    add(out, State::well, fmt::format("{} registered, each may use the face", kept->all));
}

}  // namespace faceauth::enroll::doctor
