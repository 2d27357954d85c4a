// Brings Howdy's models over, as templates that wait: each decides nothing until a scan of its user completes it.
#include <dirent.h>
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/file.h>
#include <enroll-tool/howdy_models.h>
#include <enroll-tool/person.h>
#include <enroll-tool/words.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

// Where Howdy 3 and Howdy 2 keep them.
constexpr const char* kPlaces[] = {"/etc/howdy/models", "/lib/security/howdy/models"};
constexpr std::size_t kFilesMost = 1000;
constexpr FileKind kHowdyFile{kHowdyFileMost, "Howdy's models"};

struct Source {
  std::string user, path;
};

Result<std::vector<Source>> sources_in(const std::string& directory) {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(::opendir(directory.c_str()));
  if (!dir) return fail(Errc::invalid_argument, fmt::format("{}: {}", directory, reason()));
  std::vector<Source> found;
  while (const dirent* entry = ::readdir(dir.get())) {
    std::string user = howdy_user(entry->d_name);
    if (user.empty()) continue;
    if (found.size() == kFilesMost)
      return fail(Errc::invalid_argument, fmt::format("{}: more than {} files", directory, kFilesMost));
    found.push_back({std::move(user), directory + "/" + entry->d_name});
  }
  std::sort(found.begin(), found.end(), [](const Source& a, const Source& b) { return a.user < b.user; });
  if (found.empty()) return fail(Errc::not_found, fmt::format("{}: no models of Howdy's there", directory));
  return found;
}

Result<std::vector<Source>> sources_of(const ImportOptions& options) {
  std::string path = options.path;
  struct stat info {};
  for (const char* place : kPlaces)
    if (path.empty() && ::stat(place, &info) == 0) path = place;
  if (path.empty()) return fail(Errc::not_found, "Howdy keeps no models at its usual places; name the file or folder");
  if (::stat(path.c_str(), &info) != 0) return fail(Errc::invalid_argument, fmt::format("{}: {}", path, reason()));
  if (S_ISDIR(info.st_mode)) {
    if (!options.user.empty())
      return fail(Errc::invalid_argument, "--user goes with a single file; a folder's files are named by their users");
    return sources_in(path);
  }
  std::string user = options.user.empty() ? howdy_user(path.substr(path.rfind('/') + 1)) : options.user;
  if (user.empty()) return fail(Errc::invalid_argument, path + ": not named USER.dat; say whose it is with --user");
  return std::vector<Source>{{std::move(user), path}};
}

// Of all that this process comes to hold: encodings are in the file's text, in what is read of it and in what is sent.
void keep_out_of_swap(const Output& out) {
  if (::mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    out.complain(
        fmt::format("memory cannot be locked, so that a swap file may come to hold what is read: {}", reason()));
}

bool was_before(const std::vector<HowdyModel>& models, std::size_t at) {
  const auto before = models.begin() + static_cast<std::ptrdiff_t>(at);
  return std::any_of(models.begin(), before, [&](const HowdyModel& m) { return m.encoding == models[at].encoding; });
}

// How many wait. Of one that stands in the file twice there is one.
Result<std::size_t> import_one(const Context& context, const Source& source) {
  // None through a link: the folder may be another's.
  Result<std::string> text = read_file(source.path, kHowdyFile, O_NOFOLLOW);
  if (!text) return fail(Errc::invalid_argument, printable(text.error().message));
  const Result<std::vector<HowdyModel>> models = parse_howdy(*text);
  ::explicit_bzero(text->data(), text->size());
  if (!models)
    return fail(Errc::invalid_argument, fmt::format("{}: {}", printable(source.path), models.error().message));
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  std::size_t waiting = 0;
  for (std::size_t i = 0; i < models->size(); ++i) {
    if (was_before(*models, i)) continue;
    const HowdyModel& model = (*models)[i];
    wire::ImportTemplate import{text_of(source.user), text_of(model.label), model.created};
    std::copy(model.encoding.begin(), model.encoding.end(), std::begin(import.dlib));
    const Result<void> done = connection->request(wire::Type::import_template, import, kPhotoWithin);
    ::explicit_bzero(import.dlib, sizeof import.dlib);
    if (!done) return tl::unexpected<Error>(done.error());
    ++waiting;
  }
  return waiting;
}

}  // namespace

Exit run_import_howdy(const Context& context, const ImportOptions& options) {
  if (!is_root()) return context.out.failed({Errc::not_permitted, "only root may bring Howdy's models over"});
  keep_out_of_swap(context.out);
  const Result<std::vector<Source>> sources = sources_of(options);
  if (!sources) return context.out.failed(sources.error());
  Json users = Json::array();
  Exit exit = Exit::ok;
  for (const Source& source : *sources) {
    const Result<std::size_t> kept = import_one(context, source);
    users.push_back({{"user", source.user},
                     {"waiting", kept ? *kept : 0},
                     {"error", kept ? Json() : Json(errc_name(kept.error().code))}});
    if (!kept) {
      context.out.complain(fmt::format("{}: {}", source.user, kept.error().message));
      if (exit == Exit::ok) exit = exit_of(kept.error().code);
      continue;
    }
    context.out.say(fmt::format("{0}: {1} of Howdy's {2} a scan; complete with: enroll-tool enroll {0}", source.user,
                                *kept, *kept == 1 ? "faces waits for" : "faces wait for"));
  }
  context.out.object({{"ok", exit == Exit::ok}, {"users", users}});
  if (exit == Exit::ok)
    context.out.say("None of them logs anybody in before that. Howdy's own files are left where they are.");
  return exit;
}

}  // namespace faceauth::enroll
