// One image in, one Sight out: the whole chain of detection, alignment, encoding, quality and liveness.
#pragma once

#include <faced/vision/aligner.h>
#include <faced/vision/models.h>

#include <faceauth/result.h>
#include <faceauth/sight.h>
#include <memory>
#include <opencv2/core.hpp>

namespace faceauth::vision {

struct Wants {
  bool encode = true;
  bool liveness = false;
  bool largest_only = false;  // encode the largest face whoever stands beside it; evaluation only
};

// The models' names, to be stored with what they produced.
struct ModelNames {
  std::string dlib, feature, liveness, detector;
};

// The first half of an analysis: whom the picture is about and where, nothing measured of the face yet.
struct Found {
  Sight sight;           // what is known so far; final when `complete`
  AlignedFace face;      // owns its pictures; nobody's unless there is something to measure
  cv::Rect2f box;        // the detector's
  bool complete = true;  // there is nothing to measure
};

class Analyser {
 public:
  // Reads, verifies and loads every model and warms the networks up, so that nothing is opened for the first time
  // later. What only a frame needs is given back and taken by whoever looks at one: a worker, not the process it is
  // forked from. Errors: not_found, io, corrupt.
  [[nodiscard]] static Result<Analyser> load(const std::string& models_directory,
                                             const Encoder& encoder = shipped_encoder());

  Analyser(Analyser&&) noexcept;
  Analyser& operator=(Analyser&&) noexcept;
  ~Analyser();

  // `bgr`: 8-bit, three channels. What a library throws about one image becomes `unreadable`. One thread at a time.
  [[nodiscard]] Sight analyse(const cv::Mat& bgr, const Wants& wants);

  // The same in two halves. They share nothing that changes, so that one thread may find while another measures an
  // earlier picture; each half is for one thread at a time. find() replaces what `found` says of an earlier picture and
  // uses the memory of its pictures again.
  void find(const cv::Mat& bgr, const Wants& wants, Found& found);
  [[nodiscard]] Sight measure(const cv::Mat& bgr, const Found& found, const Wants& wants);

  // Once before the first measure() of a forked process: pays for the pages that the networks write to, which would
  // otherwise take as long again as measuring. Changes no result.
  void rehearse(const Wants& wants);

  [[nodiscard]] const ModelNames& models() const;

 private:
  struct Parts;
  explicit Analyser(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
