// Incomplete templates, which Howdy's encodings become, and the enrolment that completes them.
#pragma once

#include <faced/server/keeper.h>
#include <faced/store/records.h>

#include <faceauth/result.h>

#include <span>
#include <string>
#include <vector>

namespace faceauth {

// Which of the user's incomplete templates show the person of these new ones, by dlib's network and its strict bound;
// and the label of the first of them. Only templates of a camera complete anything: a photo is no proof that the person
// was there.
struct Completion {
  std::vector<TemplateId> ids;
  std::string label;
};
[[nodiscard]] Result<Completion> completion_by(const Keeper& keeper, const std::string& user,
                                               std::span<const Template> fresh);

}  // namespace faceauth
