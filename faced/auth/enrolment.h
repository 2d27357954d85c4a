// What becomes of the views that somebody registers with: whether they show one person, and which of them are worth a
// template of their own. Pure.
#pragma once

#include <faced/config/config.h>
#include <faced/crypto/secret.h>

#include <faceauth/sight.h>

#include <cstddef>
#include <span>
#include <vector>

namespace faceauth {

// Feature distances between two single views.
struct EnrolmentBounds {
  float same_person = 0;  // farther: two people, as a rule
  float same_view = 0;    // nearer: the same picture, or as good as that
};
[[nodiscard]] EnrolmentBounds enrolment_bounds(const Config& config);

using Views = std::span<const Encodings* const>;

// Which of `fresh` show somebody else: those that are like fewer than half of the others, templates that are `stored`
// already among them. Of two that differ both, since nobody knows which one is wrong.
[[nodiscard]] std::vector<std::size_t> odd_ones_out(const EnrolmentBounds& bounds, Views fresh, Views stored);

// The templates to store. Views of the same moment become one, their mean, so that they do not outweigh the one that
// shows the person otherwise; those of a view that is stored already are left out as long as another remains.
[[nodiscard]] std::vector<Secret<Encodings>> merged(const EnrolmentBounds& bounds, Views fresh, Views stored);

}  // namespace faceauth
