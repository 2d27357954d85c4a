// One worker's life: forked for one camera session or one photo, locked in further, and gone when that is over.
#pragma once

#include <faced/vision/analyser.h>
#include <faced/vision/link.h>

#include <vector>

namespace faceauth::vision {

// Sends sights of the camera's or replay's pictures over `keeper` until the source fails, which is told, or the keeper
// closes the link. Error: the worker could not be locked in; then no picture was looked at.
[[nodiscard]] Result<void> watch_camera(const Link& keeper, Analyser& analyser, const eye::OpenCamera& wanted,
                                        std::vector<Fd> files);

// Sends the sight of one photo. Error: as above.
[[nodiscard]] Result<void> examine_photo(const Link& keeper, Analyser& analyser, const eye::EncodeImage& wanted,
                                         const Fd& file);

}  // namespace faceauth::vision
