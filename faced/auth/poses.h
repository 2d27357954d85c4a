// Through which poses of the head a guided registration leads. Pure.
#pragma once

#include <faced/util/clock.h>

#include <faceauth/pose.h>
#include <faceauth/sight.h>

#include <cstddef>

namespace faceauth {

class Poses {
 public:
  // What to do now; after the last one they begin anew.
  [[nodiscard]] Pose wanted() const;

  // Whether a good picture taken at `now` may be used: it shows the wanted pose, or has been good for so long that the
  // person cannot or will not turn.
  [[nodiscard]] bool fits(const Quality& quality, Steady now);

  // The picture that fitted is used, and the next pose is wanted.
  void use(const Quality& quality);

 private:
  std::size_t used_ = 0;
  Steady good_since_{};                  // of the first good picture for this pose
  float rest_yaw_ = 0, rest_pitch_ = 0;  // of the first picture used: heads and cameras are seldom level
};

}  // namespace faceauth
