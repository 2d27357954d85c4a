// Does the face before the camera do what it is told? Pure: the caller draws the order, time comes with the frames.
//
// A recording can show every movement but cannot obey. So a movement counts only when it was asked for, from rest and
// within its time; two frames of another one than was asked for end the challenge. (But not shut eyes: people blink.)
// Turning and nodding are read from where the nose lies between eyes and mouth, which tilting a flat picture hardly
// changes, and from the eyes' way across the image. Of eyes that cannot be read (glasses, narrow eyes) no blink is
// asked for, but another movement. Who moves must be who was recognised: the frames of every step have to match the
// user by their mean, as a login's do (adaptation.h), one at rest after the last movement by itself, and the face may
// neither vanish nor jump aside. Where liveness is measured, most frames at rest must be live, and none may have been
// shown before.
#pragma once

#include <faced/auth/repetition.h>
#include <faced/auth/verifier.h>
#include <faced/config/config.h>
#include <faced/crypto/secret.h>
#include <faced/util/clock.h>

#include <faceauth/movement.h>
#include <faceauth/sight.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace faceauth {

struct ChallengePolicy {
  VerifierPolicy login;                // thresholds and liveness, as of the login's frames
  float moving_feature = 0;            // feature distance to the user that the mean of the moving frames may have
  float turn_deg = 0, nod_deg = 0;     // from rest
  float shift = 0;                     // how far the eyes go with it, in face heights
  float eyes_seen = 0;                 // openness at rest of eyes that can be judged
  float eyes_shut = 0, eyes_open = 0;  // shares of that
  std::chrono::milliseconds rest_within{3000};  // to hold still, before each movement and after the last
  std::chrono::milliseconds move_within{4000};  // to make it, reading the words included
  std::chrono::milliseconds unseen{1000};       // the longest the face may be out of sight
};

[[nodiscard]] ChallengePolicy challenge_policy(const Config& config, Modality modality = Modality::color);

using Movements = std::vector<Movement>;

// What a login asks for besides a face that matches: nothing, a nod (`gesture`), or three movements (liveness
// "active"), drawn by `random`, which must be unpredictable and serve once.
[[nodiscard]] Movements movements_for(const Config& config, Intent intent, std::uint8_t random);

// How long they can take at most.
[[nodiscard]] std::chrono::milliseconds time_for(const Movements& movements);

// What is known of who was just recognised.
struct LastSeen {
  std::array<float, 4> box{};  // where he was; without a width, wherever he is seen first
  Repetition repetition;       // the frames seen so far
};

class Challenge {
 public:
  enum class State : std::uint8_t { running, passed, failed };
  enum class Failure : std::uint8_t { none, not_as_told, other_face, not_live, frozen };

  Challenge(const ChallengePolicy& policy, Movements movements, Secret<Encodings> reference, LastSeen last_seen = {})
      : Challenge(policy, std::move(movements), References{std::move(reference), std::nullopt}, std::move(last_seen)) {}
  Challenge(const ChallengePolicy& policy, Movements movements, References references, LastSeen last_seen = {});

  // Once it has passed or failed it stays so. Later frames change nothing.
  State observe(const Sight& sight, Steady captured);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Failure failure() const { return failure_; }  // why it failed
  [[nodiscard]] Movement asked() const;                       // what the person is to do now
  [[nodiscard]] bool has_asked() const;                       // a movement was asked for: part of the order is known

 private:
  struct Head {
    float yaw = 0, pitch = 0, eyes_x = 0, eyes_y = 0, eyes_open = 0;
  };
  static constexpr std::size_t kRestFrames = 3;

  State fail(Failure why);
  [[nodiscard]] bool usable(const Sight& sight) const;
  [[nodiscard]] bool is_new(const Sight& sight, Steady captured);
  void begin_step(Steady now);
  void rest(const Sight& sight, Steady now);
  void ask(Steady now);
  void move(const Sight& sight, Steady now);
  void remember(const Sight& sight);
  [[nodiscard]] bool near_rest(const Sight& sight) const;
  [[nodiscard]] std::optional<Movement> shown(const Sight& sight) const;
  [[nodiscard]] bool moved(const Sight& sight);
  [[nodiscard]] bool blinked(const Sight& sight);
  [[nodiscard]] bool by_the_user();

  ChallengePolicy policy_;
  Movements movements_;
  References references_;
  Repetition repetition_;
  State state_ = State::running;
  Failure failure_ = Failure::none;

  std::size_t step_ = 0;        // movements made
  bool moving_ = false;         // the movement was asked for; before that the head comes to rest
  Steady since_{};              // the beginning of this rest or movement
  std::optional<Steady> seen_;  // the last usable frame, and before it the first of all
  std::array<float, 4> box_;    // of the last usable frame

  std::array<Head, kRestFrames> recent_{};
  std::size_t resting_ = 0;
  Head at_rest_;
  unsigned running_ = 0;  // frames running that show the movement asked for
  unsigned others_ = 0;   // frames of this step that show another
  bool shut_ = false;

  Secret<Encodings> sum_, moving_sum_;  // of this step's frames at rest, and of those that show its movement
  unsigned in_sum_ = 0, in_moving_sum_ = 0, live_in_sum_ = 0;
};

}  // namespace faceauth
