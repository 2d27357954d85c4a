// The product's own analysis over many files at once.
#pragma once

#include <faceauth/result.h>
#include <faceauth/sight.h>

#include <tests/accuracy/cache.h>
#include <tests/accuracy/degrade.h>
#include <tests/accuracy/workers.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace faceauth::eval {

struct EncodeOptions {
  Networks models;
  unsigned jobs = 0;  // 0 = one per processor
  Cache cache;
};

struct Way {
  bool liveness = false;
  Degrade degrade = Degrade::none;
};

// One Sight per file, in the same order: of the largest face, whoever stands beside it. What cannot be read or shows no
// face is a Sight without encodings. Each worker has networks of its own. Errors: those of loading the models.
[[nodiscard]] Result<std::vector<Sight>> encode_files(const EncodeOptions& options, std::span<const std::string> files,
                                                      const Way& way = {});

[[nodiscard]] std::size_t not_encoded(std::span<const Sight> sights);

}  // namespace faceauth::eval
