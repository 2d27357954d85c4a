// Looking at a user's face until there is a verdict or the time is up.
#pragma once

#include <faced/auth/verifier.h>
#include <faced/server/connection.h>
#include <faced/server/keeper.h>
#include <faced/store/records.h>

#include <faceauth/verdict.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace faceauth {

struct Examined {
  Verdict verdict = Verdict::error;
  bool judged = false;              // a face was compared
  std::optional<MatchScore> score;  // of the last comparison
  std::uint32_t frames = 0;
  const char* why = nullptr;                   // of the verdict, from watch.h; null where its name says enough
  std::optional<Secret<Encodings>> candidate;  // match: what might join the templates (adaptation.h)
};

// What keeps this user's face from being tried at all; nothing when it may be. `now`-dependent: ask again before a
// match is believed, so that `disable` works at once.
[[nodiscard]] std::optional<Verdict> face_barred(const Keeper& keeper, const UserSummary& user);

// A place at the first camera (0) or the infrared one beside it (1). A closed lid is looked at first, where the
// configuration says that it counts. `deadline`: of opening it. `pictures`: see Eye::watch_and_show().
asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_camera(Keeper& keeper, std::shared_ptr<const Config> config,
                                                              Steady deadline, std::size_t place = 0, Fd pictures = {});

// What a template that is made with the camera now open gives as its source.
[[nodiscard]] std::string camera_source(const Keeper& keeper, std::size_t place = 0);

struct ScanOptions {
  Steady deadline;               // of everything
  Intent intent = Intent::none;  // `gesture` asks for a nod
  bool count = true;             // whether the result changes the lockout counters
  wire::Typing typing = wire::Typing::next_module;
};

// How long a login may take: auth.timeout_s to recognise a face, and the time for the movements asked for.
[[nodiscard]] std::chrono::milliseconds time_to_look(const Config& config, Intent intent);

// By camera. Tells the client what is seen and what to do (wire::Notice) and stops when it goes away.
asio::awaitable<Examined> scan_face(Keeper& keeper, Connection& client, std::string user, ScanOptions options);

}  // namespace faceauth
