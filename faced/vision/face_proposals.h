// fr_detect without what is done with its answers: where it takes something in its small picture for a face.
#pragma once

#include <faced/vision/conv_net.h>
#include <faced/vision/models.h>

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

struct FaceProposal {
  cv::Point2f first, last;  // corners, in sides of the picture
  float score = 0;          // 0..1
};

class FaceProposals {
 public:
  static constexpr int kWidth = 320, kHeight = 240;

  // On OpenCV when `kernels` is null. Throws when the file is not that network.
  FaceProposals(const ModelFile& model, const Kernels* kernels);
  ~FaceProposals();
  FaceProposals(FaceProposals&&) noexcept;
  FaceProposals& operator=(FaceProposals&&) noexcept;

  // `picture`: BGR, kWidth by kHeight. In the network's order, many for each face; valid until the next call.
  // Not thread-safe.
  [[nodiscard]] const std::vector<FaceProposal>& find(const cv::Mat& picture, float score_min);

  void release_scratch();  // as of Network

  [[nodiscard]] bool on_kernels() const { return ours_ != nullptr; }

 private:
  struct Ours;
  struct OpenCv;
  std::unique_ptr<Ours> ours_;
  std::unique_ptr<OpenCv> theirs_;
  std::vector<FaceProposal> found_;
};

}  // namespace faceauth::vision
