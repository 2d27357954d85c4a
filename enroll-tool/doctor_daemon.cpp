// The daemon: its configuration, its units, whether it answers, what it says of itself, its camera and its clock.
#include <enroll-tool/connection.h>
#include <enroll-tool/doctor.h>
#include <enroll-tool/holders.h>
#include <enroll-tool/images.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace faceauth::enroll::doctor {

namespace {

constexpr const char* kFaced = "/usr/libexec/faceauth/faced";
constexpr const char* kJournal = "journalctl -u faced -n 30";
constexpr const char* kOwnMessages = "read what faced said when it was started";  // without systemd
constexpr std::uint32_t kLookMs = 2500;

void add(Findings& out, const char* check, State state, std::string what, std::string mend = "") {
  out.push_back({check, state, std::move(what), std::move(mend)});
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line, last;
  while (std::getline(lines, line))
    if (!line.empty()) last = line;
  return last;
}

// "Key=Value" rows of systemctl show.
std::map<std::string, std::string> properties(const std::string& text) {
  std::map<std::string, std::string> all;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line))
    if (const std::size_t equal = line.find('='); equal != std::string::npos)
      all[line.substr(0, equal)] = line.substr(equal + 1);
  return all;
}

void check_unit(const Patient& patient, const std::string& unit, Findings& out) {
  const Result<Said> said =
      patient.ask({"/usr/bin/systemctl", "show", "--property=LoadState,ActiveState,UnitFileState,Result", unit});
  if (!said || said->exit != 0) return add(out, "units", State::unseen, unit + ": systemctl does not answer");
  auto is = properties(said->text);
  const bool socket = unit == "faced.socket";
  if (is["LoadState"] == "not-found")
    return add(out, "units", State::finding, unit + " is not installed", "apt install --reinstall faceauth");
  if (is["LoadState"] == "masked")
    return add(out, "units", State::finding, unit + " is masked", "systemctl unmask " + unit);
  if (is["ActiveState"] == "failed")
    return add(
        out, "units", State::finding, fmt::format("{} has failed ({})", unit, is["Result"]),
        fmt::format("systemctl reset-failed {0} && systemctl restart faced.socket; the reason: {1}", unit, kJournal));
  if (socket && is["ActiveState"] != "active")
    return add(out, "units", State::finding, "faced.socket is not active: no login reaches faced",
               "systemctl enable --now faced.socket");
  if (socket && is["UnitFileState"] == "disabled")
    return add(out, "units", State::finding, "faced.socket will not be there after a restart",
               "systemctl enable faced.socket");
  const bool waits = !socket && is["ActiveState"] != "active";
  add(out, "units", State::well,
      waits ? unit + " is started when a login first asks" : fmt::format("{} is {}", unit, is["ActiveState"]));
}

Result<wire::StatusResult> status_of(Connection& connection) {
  if (auto begun = connection.begin(wire::Type::status, wire::Empty{}); !begun) return fail(std::move(begun));
  return connection.expect<wire::StatusResult>(wire::Type::status_result, kRecordsWithin);
}

void judge(const Patient& patient, const wire::StatusResult& s, const Answers& answers, Findings& out) {
  const std::string messages = systemd_runs(patient) ? kJournal : kOwnMessages;
  add(out, "daemon", State::well, fmt::format("faced {} answers", answers.version));
  if (!s.ready)
    add(out, "daemon", State::finding, "its models are not loaded: no face can be judged",
        fmt::format("{} (it says why; a start takes a few seconds)", messages));
  if (s.eye_restarts > 0)
    add(out, "daemon", State::note,
        fmt::format("the vision process was started anew {} time{} since faced began", s.eye_restarts,
                    s.eye_restarts == 1 ? "" : "s"),
        messages);
}

// Words for what the camera showed, worst first.
std::string seen_words(const Error& error) { return error.message.empty() ? error_words(error.code) : error.message; }

class Looker {
 public:
  // The last thing the daemon found wrong with a frame.
  FaceIssue issue = FaceIssue::none;

  Result<Verdict> look(Connection& connection) {
    if (auto begun = connection.begin(wire::Type::identify_begin, wire::IdentifyBegin{kLookMs}); !begun)
      return fail(std::move(begun));
    if (auto sent = connection.send(wire::Type::finish, wire::Empty{}); !sent) return fail(std::move(sent));
    for (;;) {
      const Result<Answer> answer = connection.next(kCameraWithin);
      if (!answer) return tl::unexpected<Error>(answer.error());
      if (answer->type == wire::Type::notice) {
        const auto notice = Connection::decoded<wire::NoticeBody>(*answer, wire::Type::notice);
        if (notice && notice->code == wire::Notice::frame_issue && notice->detail <= kFaceIssueLast)
          issue = static_cast<FaceIssue>(notice->detail);
        continue;
      }
      const auto result = Connection::decoded<wire::IdentifyResult>(*answer, wire::Type::identify_result);
      if (!result) return tl::unexpected<Error>(result.error());
      return result->verdict;
    }
  }
};

}  // namespace

bool systemd_runs(const Patient& patient) { return exists(patient.tree.root + "/run/systemd/system"); }

std::string restart_of(const Patient& patient) {
  return systemd_runs(patient) ? "systemctl restart faced.socket"
                               : fmt::format("start faced anew: {} --config {}", kFaced, patient.config);
}

void check_configuration(Patient& patient, Findings& out) {
  const std::string mend = fmt::format("edit {} as faced.toml(5) says, then: {}", patient.config,
                                       systemd_runs(patient) ? "systemctl reload faced" : "send faced SIGHUP");
  const Result<Settings> settings = read_settings(patient.config);
  if (!settings) return add(out, "settings", State::finding, settings.error().message, mend);
  patient.settings = *settings;
  struct stat info {};
  if (::stat(patient.config.c_str(), &info) == 0 && (info.st_mode & 0022) != 0)
    return add(out, "settings", State::finding,
               fmt::format("{} can be changed by others (mode {:04o})", patient.config, info.st_mode & 07777),
               fmt::format("chmod go-w {}", patient.config));
  const std::string faced = patient.tree.root + kFaced;
  if (!exists(faced)) {
    add(out, "settings", State::note, kFaced + std::string(" is not there: the configuration was not held against it"));
  } else {
    const Result<Said> said = patient.ask({faced, "--check-config", "--config", patient.config});
    if (!said || said->exit != 0)
      return add(out, "settings", State::finding, said ? last_line(said->text) : std::string(said.error().message),
                 mend);
    add(out, "settings", State::well, patient.config + " is valid");
  }
  if (settings->liveness == "off")
    add(out, "settings", State::note, "liveness is off: a photo of somebody passes for him",
        fmt::format("set liveness.mode = \"passive\" in {}", patient.config));
}

void check_units(const Patient& patient, Findings& out) {
  if (!systemd_runs(patient)) return add(out, "units", State::unseen, "systemd does not run here");
  for (const char* unit : {"faced.socket", "faced.service"}) check_unit(patient, unit, out);
}

std::optional<Answers> check_daemon(const Patient& patient, Findings& out) {
  const std::string& path = patient.settings.socket;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    add(out, "daemon", State::finding, path + " is not there: logins go straight to the password",
        systemd_runs(patient) ? "systemctl enable --now faced.socket" : restart_of(patient));
    return std::nullopt;
  }
  if (!S_ISSOCK(info.st_mode) || (info.st_mode & 0666) != 0666)
    add(out, "daemon", State::finding, path + " is no socket that everybody may connect to: lockers cannot ask",
        restart_of(patient));
  Result<Connection> connection = Connection::open(path);
  const Result<wire::StatusResult> status =
      connection ? status_of(*connection) : tl::unexpected<Error>(connection.error());
  if (!status) {
    add(out, "daemon", State::finding, status.error().message,
        systemd_runs(patient) ? fmt::format("{}; the reason: {}", restart_of(patient), kJournal)
                              : restart_of(patient) + " (it says why when it does not start)");
    return std::nullopt;
  }
  Answers answers{string_of(status->version), string_of(status->camera), {}, 0,
                  connection->server_uid(),   status->faces_off};
  judge(patient, *status, answers, out);
  return answers;
}

void check_camera(const Patient& patient, Findings& out) {
  const char* kMend = "enroll-tool cameras (what logins use, what keeps the others out, who holds a busy one)";
  if (!patient.root) return add(out, "camera", State::unseen, "only root may try it without being judged");
  if (!patient.camera) return add(out, "camera", State::unseen, "not tried, as asked");
  Result<Connection> connection = Connection::open(patient.settings.socket);
  if (!connection) return add(out, "camera", State::unseen, connection.error().message);
  Looker looker;
  const Result<Verdict> seen = looker.look(*connection);
  if (!seen) {
    const Error error = with_holders(seen.error(), patient.settings.socket);
    const bool in_use = error.code == Errc::busy || error.code == Errc::camera_busy;
    return add(out, "camera", in_use ? State::note : State::finding, seen_words(error), kMend);
  }
  switch (*seen) {
    case Verdict::match:
    case Verdict::no_match:
      return add(out, "camera", State::well, "it shows a face, in light that will do");
    case Verdict::multiple_faces:
      return add(out, "camera", State::well, "it shows several faces; a login wants one");
    case Verdict::not_live:
      return add(out, "camera", State::note, "it shows a face that the liveness check takes for a picture",
                 "enroll-tool verify USER (explains it)");
    case Verdict::poor_quality:
      return add(out, "camera", State::note,
                 fmt::format("it shows a face, but {}", looker.issue == FaceIssue::none
                                                            ? "it is too small, too dark, blurred or turned away"
                                                            : camera_advice(looker.issue)),
                 "more light in front of you; then: enroll-tool doctor");
    case Verdict::no_face:
    case Verdict::timeout:
      return add(out, "camera", State::well, "it delivers pictures; nobody was in view");
    default:
      return add(out, "camera", State::finding, verdict_words(*seen), kMend);
  }
}

// Locks and the age of the last password are kept by the clock; one that went back stretches them.
void check_clock(const Patient& patient, Findings& out) {
  constexpr std::uint64_t kBefore = 1'704'067'200;  // 2024-01-01: no faceauth is older
  constexpr std::uint64_t kSlack = 120;
  const char* kMend = "timedatectl set-ntp true (or set the clock by hand)";
  if (patient.now < kBefore)
    return add(out, "clock", State::finding,
               fmt::format("the clock shows {}", iso_time(patient.now).value_or("no date")), kMend);
  if (!patient.root) return add(out, "clock", State::well, "the clock shows a possible date");
  Result<Connection> connection = Connection::open(patient.settings.socket);
  if (!connection) return;
  if (!connection->begin(wire::Type::log, wire::LogBegin{{}, {}, patient.now + kSlack, false})) return;
  const Result<Answer> answer = connection->next(kRecordsWithin);
  if (answer && answer->type == wire::Type::log_entry)
    return add(out, "clock", State::finding, "the ledger has entries of later than now: the clock went back", kMend);
  add(out, "clock", State::well, "the clock has not gone back behind what the ledger holds");
}

}  // namespace faceauth::enroll::doctor
