// What the eye measures of one image. Encodings are biometric data: the keeper holds them in guarded memory
// (Secret<T>) and nobody prints them.
#pragma once

#include <faceauth/verdict.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace faceauth {

inline constexpr std::size_t kDlibDims = 128;     // dlib face_recognition_resnet_model_v1, Euclidean space
inline constexpr std::size_t kFeatureDims = 512;  // fr_feature, L2-normalised to length 1

// Trivially copyable; two encodings of one face in one image.
struct Encodings {
  std::array<float, kDlibDims> dlib;
  std::array<float, kFeatureDims> feature;
};

// Plain measurements of one face in one image.
struct Quality {
  float face_height_px = 0;  // of the refined face box, in pixels of the source image
  float sharpness = 0;       // variance of the Laplacian over the 150x150 grey chip
  float brightness = 0;      // mean grey level of the face, 0..255
  float yaw_deg = 0;         // rough, from landmarks; 0 looks at the camera, positive to the subject's left
  float pitch_deg = 0;       // rough, from landmarks; positive looks up
  float roll_deg = 0;        // in-plane, positive counter-clockwise
};

// What one image shows. The eye reports what it measured and refuses only what it cannot measure (unreadable,
// too_large, no_face, several_faces); whether the quality suffices is the keeper's decision (auth/quality_gate.h).
struct Sight {
  FaceIssue issue = FaceIssue::no_face;
  std::uint8_t faces = 0;
  std::array<float, 4> box{};   // x, y, width, height of the largest face, pixels of the source image
  std::array<float, 2> eyes{};  // the middle between its eyes, pixels of the source image
  Quality quality{};
  bool encoded = false;            // then exactly one face was in view and encodings hold it
  bool liveness_measured = false;  // then the following hold
  float liveness = 0;              // 0..1, 1 = live: of the face with wide surroundings,
  float liveness_near = 0;         // and with narrow ones
  float surroundings = 0;          // 0..1: how much of the wide ones the image holds
  float eyes_open = 0;             // 0..1, 1 = both open
  std::uint64_t fingerprint = 0;   // of the image's pixels: two images alike to the last bit have the same one
  float emitter = 1;               // 0..1: how much of the face's light an infrared camera's emitter gave, by the unlit
                                   // frame beside this one; 1 where there is none
  Encodings encodings{};
};

}  // namespace faceauth
