// What lies on the disk: the store, the key, the models, and the room that is left.
#include <enroll-tool/doctor.h>
#include <enroll-tool/file.h>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <string_view>

namespace faceauth::enroll::doctor {

namespace {

constexpr std::uint64_t kRoomLeast = std::uint64_t{64} << 20;  // a store's map may grow by as much in one go
constexpr std::string_view kCredential = "credential:", kFile = "file:";

struct Model {
  std::string_view name, sha256;
  std::uint64_t bytes;
};
constexpr Model kModels[] = {
#include "model_list.inc"
};
constexpr std::string_view kShippedEncoder = "fr_feature.onnx";

void add(Findings& out, const char* check, State state, std::string what, std::string mend = "") {
  out.push_back({check, state, std::move(what), std::move(mend)});
}

std::string user_of(uid_t uid) {
  const passwd* user = ::getpwuid(uid);
  return user == nullptr ? std::to_string(uid) : user->pw_name;
}

// Who must own what the daemon keeps: whoever it runs as.
uid_t keeper_uid(std::uint32_t server_uid) {
  const passwd* keeper = ::getpwnam("faceauth");
  if (keeper != nullptr) return server_uid == ~std::uint32_t{0} || server_uid == 0 ? keeper->pw_uid : server_uid;
  return server_uid;
}

void check_store(const Patient& patient, std::uint32_t server_uid, Findings& out) {
  const std::string& store = patient.settings.store;
  struct stat info {};
  if (::stat(store.c_str(), &info) != 0) {
    if (errno == EACCES) return add(out, "store", State::unseen, store + ": only root can look at it");
    return add(out, "store", State::finding, fmt::format("{}: {}", store, reason()),
               systemd_runs(patient) ? "systemd-tmpfiles --create faceauth.conf"
                                     : fmt::format("mkdir -m 0700 {0}, and give it to the user faced runs as", store));
  }
  const uid_t owner = keeper_uid(server_uid);
  // Under socket activation the peer's uid is whoever listened; root's says nothing of the daemon.
  if (owner != ~uid_t{0} && info.st_uid != owner && server_uid != 0)
    return add(out, "store", State::finding,
               fmt::format("{} belongs to {}, and faced runs as {}", store, user_of(info.st_uid), user_of(owner)),
               fmt::format("chown -R {0}:{0} {1}", user_of(owner), store));
  if ((info.st_mode & 0077) != 0)
    return add(out, "store", State::finding,
               fmt::format("{} is open to others (mode {:04o})", store, info.st_mode & 07777),
               fmt::format("chmod 0700 {}", store));
  add(out, "store", State::well, fmt::format("{} is {}'s alone", store, user_of(info.st_uid)));
}

void check_disk(const Patient& patient, Findings& out) {
  struct statvfs disk {};
  if (::statvfs(patient.settings.store.c_str(), &disk) != 0) return;
  const std::uint64_t room = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const bool no_names = disk.f_files > 0 && disk.f_favail < 16;
  if (room < kRoomLeast || no_names)
    return add(out, "disk", State::finding,
               no_names ? "no more files can be made where the store lies"
                        : fmt::format("{} MiB are free where the store lies", room >> 20),
               fmt::format("df -h {0}; df -i {0}; then make room", patient.settings.store));
  if ((disk.f_flag & ST_RDONLY) != 0)
    return add(out, "disk", State::finding, "the store lies on a disk that is mounted read-only",
               fmt::format("findmnt --target {}", patient.settings.store));
  add(out, "disk", State::well, fmt::format("{} MiB are free where the store lies", room >> 20));
}

void check_key_file(const std::string& path, Findings& out) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == EACCES) return add(out, "key", State::unseen, path + ": only root can look at it");
    return add(out, "key", State::finding, fmt::format("{}: {}", path, reason()),
               "put the key back from where it was kept; without it the store cannot be opened");
  }
  if (info.st_size != 32)
    return add(out, "key", State::finding, fmt::format("{} has {} bytes, and a key has 32", path, info.st_size),
               "put the key back from where it was kept");
  if ((info.st_mode & 0077) != 0)
    return add(out, "key", State::finding, path + " can be read by others", fmt::format("chmod 0400 {}", path));
  add(out, "key", State::well, fmt::format("{}, readable by {} alone", path, user_of(info.st_uid)));
}

// Empty: it opens. The key goes nowhere.
std::string fault_of_seal(const Patient& patient, const std::string& name, const std::string& path) {
  const Result<Said> said = patient.ask(
      {"/bin/sh", "-c", R"(exec /usr/bin/systemd-creds decrypt --name="$1" "$2" - >/dev/null)", "sh", name, path});
  if (!said) return said.error().message;
  if (said->exit == 0) return "";
  const std::string words = said->text.substr(0, said->text.find('\n'));
  return fmt::format("{} does not open on this machine: {}", path, words.empty() ? "no answer in time" : words);
}

void check_credential(const Patient& patient, const std::string& name, Findings& out) {
  const std::string path = patient.tree.root + "/etc/credstore.encrypted/" + name;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == EACCES || !patient.root) return add(out, "key", State::unseen, path + ": only root can look at it");
    return add(out, "key", State::finding, fmt::format("{}: {}", path, reason()), "systemctl restart faceauth-key");
  }
  if (info.st_uid != patient.tree.owner || (info.st_mode & 0022) != 0)
    return add(out, "key", State::finding, path + " can be changed by somebody else than root",
               fmt::format("chown root:root {0} && chmod 0600 {0}", path));
  if (!patient.root) return add(out, "key", State::unseen, path + " is there; only root can see whether it opens");
  if (const std::string fault = fault_of_seal(patient, name, path); !fault.empty())
    return add(out, "key", State::finding, fault,
               fmt::format("put the key of this store back from a backup; or, to start afresh without the registered "
                           "faces: systemctl stop faced.socket faced && rm {0}/data.mdb {0}/keyring && systemctl "
                           "restart faceauth-key faced.socket",
                           patient.settings.store));
  add(out, "key", State::well, path + " is there and opens on this machine");
}

// Empty: it is the one that is needed.
std::string fault_of(const Patient& patient, const Model& model) {
  const std::string path = fmt::format("{}/{}", patient.settings.models, model.name);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return fmt::format("{}: {}", path, reason());
  if (static_cast<std::uint64_t>(info.st_size) != model.bytes)
    return fmt::format("{} has {} bytes, and should have {}", path, info.st_size, model.bytes);
  if ((info.st_mode & 0022) != 0) return path + " can be changed by others";
  const Result<Said> said = patient.ask({"/usr/bin/sha256sum", "--", path});
  if (!said) return said.error().message;
  if (said->exit != 0) return path + " cannot be read";
  return said->text.starts_with(model.sha256) ? "" : path + " is not the model that was shipped: its hash differs";
}

}  // namespace

void check_files(const Patient& patient, std::uint32_t server_uid, Findings& out) {
  check_store(patient, server_uid, out);
  const std::string& key = patient.settings.key;
  if (key.starts_with(kCredential))
    check_credential(patient, key.substr(kCredential.size()), out);
  else if (key.starts_with(kFile))
    check_key_file(key.substr(kFile.size()), out);
  check_disk(patient, out);
}

void check_models(const Patient& patient, Findings& out) {
  const std::string mend = systemd_runs(patient)
                               ? "apt install --reinstall faceauth-models && systemctl restart faced"
                               : "apt install --reinstall faceauth-models, then " + restart_of(patient);
  struct stat info {};
  if (::stat(patient.settings.models.c_str(), &info) != 0)
    return add(out, "models", State::finding, fmt::format("{}: {}", patient.settings.models, reason()), mend);
  std::size_t good = 0;
  for (const Model& model : kModels) {
    if (model.name == kShippedEncoder && !patient.settings.encoder.empty()) continue;
    const std::string fault = fault_of(patient, model);
    if (!fault.empty())
      add(out, "models", State::finding, fault, mend);
    else
      ++good;
  }
  if (good > 0) add(out, "models", State::well, fmt::format("{} models have the hashes they were shipped with", good));
}

}  // namespace faceauth::enroll::doctor
