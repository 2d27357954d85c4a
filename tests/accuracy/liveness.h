// Live people and pictures of people before the product's liveness check, as a login would decide.
#pragma once

#include <faceauth/result.h>

#include <tests/accuracy/encode.h>
#include <tests/accuracy/plot.h>
#include <tests/accuracy/report.h>

#include <string>
#include <vector>

namespace faceauth::eval {

// `directory` holds real/ and attack/. A clip is one attempt; the images of a folder form attempts of five, in name
// order. An attempt in which nobody could be judged lets nobody in: right for an attack, wrong for a live person.
// Errors: not_found, those of loading the models.
[[nodiscard]] Result<Json> judge_liveness(const EncodeOptions& options, const std::string& directory);

[[nodiscard]] std::vector<RateCurve> curves_of(const Json& liveness);

}  // namespace faceauth::eval
