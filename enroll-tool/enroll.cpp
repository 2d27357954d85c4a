// Registers a user, or more templates of one, from photos or the camera.
#include <enroll-tool/commands.h>
#include <enroll-tool/holders.h>
#include <enroll-tool/images.h>
#include <enroll-tool/live.h>
#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <enroll-tool/trial.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

// What came of it. When a photo is bad or shows somebody else, nothing was stored.
struct Taken {
  std::optional<BadImage> bad;
  std::vector<std::string> odd;  // photos of somebody else; all of them, when no two are alike
  std::string said;              // of them, by the keeper
  bool left = false;             // by the person, before it was done
  unsigned templates = 0, views = 0;
};

Taken stored_from(const Guide& guide, const std::vector<Image>& images) {
  Taken taken;
  taken.views = images.empty() ? guide.taken() : static_cast<unsigned>(images.size());
  taken.templates = guide.stored().value_or(taken.views);
  return taken;
}

std::vector<std::string> names_of(const std::vector<std::size_t>& odd, const std::vector<Image>& images) {
  std::vector<std::string> names;
  for (const std::size_t i : odd)
    if (i < images.size()) names.push_back(images[i].path);
  return names;
}

Error error_of_odd(const std::vector<std::string>& odd, std::size_t photos, const std::string& said) {
  if (odd.size() == photos) return {Errc::no_usable_face, fmt::format("{}: {}", odd.front(), said)};
  std::string names;
  for (const std::string& name : odd) names += (names.empty() ? "" : ", ") + name;
  return {Errc::no_usable_face,
          fmt::format("{}: shows somebody else than the other photos; nothing was stored", names)};
}

std::string sentence_for(const std::string& user, const Taken& taken) {
  std::string sentence =
      fmt::format("{}: {} {} registered", user, taken.templates, taken.templates == 1 ? "face" : "faces");
  if (taken.templates < taken.views)
    sentence += fmt::format("; {} of {} pictures showed nothing new", taken.views - taken.templates, taken.views);
  return sentence;
}

// By camera, with somebody or something to look at what it sees: the person is led through poses, and tries it.
bool shows(const Context& context, const EnrollOptions& options) {
  if (!options.images.empty()) return false;
  return context.out.events || (!context.out.json && !context.out.quiet && ::isatty(STDERR_FILENO) == 1);
}

// The password to set: of a new user from the person at the terminal, of anybody from standard input, else none.
Result<void> password_to_set(const Context& context, const EnrollOptions& options, Password& out) {
  if (options.password_stdin) return read_password(STDIN_FILENO, out);
  if (!at_terminal()) return {};
  const Result<bool> known = is_registered(context.socket, options.user);
  if (!known) return tl::unexpected<Error>(known.error());
  if (*known) return {};
  context.out.say(fmt::format("{} is new: choose a password for when the face cannot be used.", options.user));
  return ask_new_password(out);
}

// Root sets the password along with the face; a user has to prove his own before he may add to his templates.
Result<Connection> open_for(const Context& context, const EnrollOptions& options, Password& to_set) {
  if (is_root()) {
    if (auto got = password_to_set(context, options, to_set); !got) return fail(std::move(got));
    return Connection::open(context.socket);
  }
  return open_proved(context.socket, options.user, options.password_stdin);
}

// `finish` is what makes the keeper store: it is not sent after a photo that cannot be used.
Result<Taken> enroll(const Context& context, const EnrollOptions& options, bool shown) {
  if (auto permitted = is_root_or(options.user); !permitted) return fail(std::move(permitted));
  if (auto permitted = may_use_photos(options.images.size()); !permitted) return fail(std::move(permitted));
  const Result<std::vector<Image>> images = open_images(options.images);
  if (!images) return tl::unexpected<Error>(images.error());
  Password to_set;
  Result<Connection> connection = open_for(context, options, to_set);
  if (!connection) return fail(std::move(connection));

  const wire::EnrollBegin begin{
      text_of(options.user), text_of(options.label), options.force, !to_set.empty(), to_set.text(), shown, shown};
  if (auto begun = connection->begin(wire::Type::enroll_begin, begin); !begun) return fail(std::move(begun));
  to_set.wipe();

  Result<std::optional<BadImage>> bad = send_images(*connection, *images, AfterBad::stop);
  if (!bad) return fail(std::move(bad));
  if (bad->has_value()) return Taken{.bad = std::move(*bad)};
  if (auto sent = connection->send(wire::Type::finish, wire::Empty{}); !sent) return fail(std::move(sent));
  Live live(context.out, {.title = fmt::format("Registering {}", printable(options.user)),
                          .graphics = options.graphics,
                          .page = shown,
                          .pictures = options.pictures});
  const Result<Answer> last = live.last(*connection, images->empty() ? kCameraWithin : kPhotoWithin + kPasswordWithin);
  live.end();
  if (live.was_left()) return Taken{.said = last.error().message, .left = true};
  const Guide& guide = live.guide();
  if (!last) {
    std::vector<std::string> odd = names_of(guide.odd(), *images);
    if (odd.empty()) return tl::unexpected<Error>(last.error());
    return Taken{.odd = std::move(odd), .said = last.error().message};
  }
  if (auto done = Connection::decoded<wire::Empty>(*last, wire::Type::done); !done) return fail(std::move(done));
  const Taken taken = stored_from(guide, *images);
  if (shown) {
    context.out.say(sentence_for(options.user, taken));
    try_login(*connection, context.out, options.user);
  }
  return taken;
}

}  // namespace

Exit run_enroll(const Context& given, const EnrollOptions& options) {
  Context context = given;
  context.out.events = options.events;
  context.out.json = context.out.json || options.events;
  const bool shown = shows(context, options);
  Result<Taken> taken = enroll(context, options, shown);
  if (!taken) {
    Error error = with_holders(std::move(taken).error(), context.socket);
    if (error.code == Errc::duplicate_face && error.message.find("--force") == std::string::npos)
      error.message += " (--force registers it all the same)";
    return context.out.failed(error, {{"user", options.user}});
  }
  if (taken->left) {
    (void)context.out.failed({Errc::cancelled, taken->said}, {{"user", options.user}});
    return Exit::negative;
  }
  if (taken->bad)
    return context.out.failed(
        error_of(*taken->bad),
        {{"user", options.user}, {"image", taken->bad->path}, {"issue", face_issue_name(taken->bad->issue)}});
  if (!taken->odd.empty())
    return context.out.failed(error_of_odd(taken->odd, options.images.size(), taken->said),
                              {{"user", options.user}, {"image", taken->odd.front()}, {"issue", "somebody-else"}});
  nlohmann::ordered_json more = {{"user", options.user}, {"templates", taken->templates}};
  if (taken->templates < taken->views) more["merged"] = taken->views - taken->templates;
  if (!shown) return context.out.done(more, sentence_for(options.user, *taken));
  return context.out.done(more, "If you sometimes wear glasses, register once more, with or without them.");
}

}  // namespace faceauth::enroll
