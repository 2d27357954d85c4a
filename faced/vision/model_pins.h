// The networks this build was calibrated with, but for the encoder that decides, which is data
// (models/fr_feature.toml). A file that differs by a bit is refused: encodings of another network live in another
// space. models/manifest says where the same files come from; ./dev lint compares them.
#pragma once

#include <cstddef>
#include <string_view>

namespace faceauth::vision {

struct ModelPin {
  std::string_view file;
  std::string_view sha256;  // lower-case hex
  std::size_t bytes;
};

inline constexpr ModelPin kDlibPin{"dlib_face_recognition_resnet_model_v1.dat",
                                   "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30", 22'466'066};
inline constexpr ModelPin kShapePin{"shape_predictor_5_face_landmarks.dat",
                                    "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888", 9'150'489};
inline constexpr ModelPin kDetectPin{"fr_detect.onnx",
                                     "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854", 1'217'758};
inline constexpr ModelPin kLandmarkPin{"fr_landmark.onnx",
                                       "f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258", 1'163'742};
inline constexpr ModelPin kEyePin{"fr_eye.onnx", "1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de",
                                  207'130};
inline constexpr ModelPin kLivenessPin{"fr_liveness.onnx",
                                       "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d", 1'886'811};

}  // namespace faceauth::vision
