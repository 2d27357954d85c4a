// Eyes that are shut and heads that are turned away, as people labelled them by eye, before the product's attention.
#pragma once

#include <faceauth/result.h>

#include <tests/accuracy/dataset.h>
#include <tests/accuracy/encode.h>
#include <tests/accuracy/report.h>

#include <string>

namespace faceauth::eval {

// `list`: lines of `path,first,last,label`; frames of a clip, or 0,0 of a picture; label is one of "open" (and looks
// about into the camera), "shut", "half", "hidden" (by dark glasses or glare) and "away"; # begins a remark. The person
// is the folder of a picture or the clip. Only `half` of the people is judged. Errors: not_found, invalid_argument.
[[nodiscard]] Result<Json> judge_attention(const EncodeOptions& options, const std::string& list,
                                           const std::string& root, Half half);

// Everybody's pictures as logins of five, in name order, of which three must be usable: how many of those that are good
// enough are refused for want of attention. Without labels.
[[nodiscard]] Result<Json> judge_attentive_logins(const EncodeOptions& options, const Dataset& people);

}  // namespace faceauth::eval
