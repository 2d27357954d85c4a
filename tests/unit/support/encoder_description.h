// An encoder's description with all that one must have, and no calibration.
#pragma once

#include <string>

namespace faceauth::test {

inline const std::string kEncoderHash(64, 'a');

inline const std::string kEncoderDescription = R"([encoder]
file = "sface.onnx"
sha256 = ")" + kEncoderHash + R"("
licence = "Apache-2.0"
provenance = "somewhere"
dimensions = 128
[input]
size = 112
channels = "rgb"
mean = [0, 0, 0]
divide = [1, 1.5, 2]
[alignment]
left_eye = [38.29, 51.70]
right_eye = [73.53, 51.50]
nose = [56.03, 71.74]
mouth_left = [41.55, 92.37]
mouth_right = [70.73, 92.20]
)";

}  // namespace faceauth::test
