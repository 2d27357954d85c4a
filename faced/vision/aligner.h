// From a coarse box to the aligned pictures the recognisers were trained on.
#pragma once

#include <faced/vision/affine_warper.h>
#include <faced/vision/area_resizer.h>
#include <faced/vision/dlib_chip.h>
#include <faced/vision/dlib_landmarks.h>
#include <faced/vision/light.h>
#include <faced/vision/linear_resizer.h>
#include <faced/vision/mesh_landmarks.h>
#include <faced/vision/models.h>
#include <faced/vision/picture_memory.h>

#include <opencv2/core.hpp>

namespace faceauth::vision {

struct AlignedFace {
  cv::Rect2f box;          // the refined, square face box, pixels of the source image
  cv::Mat chip;            // 150x150 RGB, for dlib
  cv::Mat feature;         // BGR, as large as the encoder wants it
  Mesh mesh;               // in pixels of the source image
  FeaturePoints points;    // of `mesh`
  bool plausible = false;  // false: the detector was fooled by something that has no landmarks where a face has them
};

// A part of the source image at a fixed face size. work = (source - offset) * scale.
struct FacePicture {
  cv::Mat bgr, grey;
  cv::Mat half_bgr, half_grey;
  PictureMemory bgr_memory, grey_memory, half_bgr_memory, half_grey_memory;
  Brightener brightener;
  AreaResizer smaller;
  LinearResizer larger;
  float scale = 1;
  cv::Point2f offset;

  [[nodiscard]] cv::Point2f into(const cv::Point2f& p) const { return (p - offset) * scale; }
  [[nodiscard]] cv::Point2f back(const cv::Point2f& p) const { return p / scale + offset; }
};

class Aligner {
 public:
  // `input`: what the encoder wants.
  Aligner(const ModelFile& shape, const ModelFile& landmark, const EncoderInput& input);

  // `found` is the detector's box in `bgr`. All of `face` is replaced; its pictures' memory is used again. Not
  // thread-safe.
  void align(const cv::Mat& bgr, const cv::Rect2f& found, AlignedFace& face);

  void release_scratch();  // as of Network

 private:
  DlibLandmarks dlib_;
  MeshLandmarks mesh_;
  DlibChip chip_;
  AffineWarper warper_;
  FacePicture work_;        // its memory is used again
  int side_;                // of the encoder's picture
  cv::Matx33f from_usual_;  // where a point of the usual 112x112 picture lies in the encoder's
};

}  // namespace faceauth::vision
