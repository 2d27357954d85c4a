#include <faced/vision/aligner.h>
#include <faced/vision/similarity.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

// Where the landmarks lie in the 112x112 picture: dlib's five points, then the five of FeaturePoints.
constexpr std::size_t kTargets = 10;
const std::array<cv::Point2f, kTargets> kTarget = {{{80.69F, 52.50F},
                                                    {66.72F, 52.86F},
                                                    {31.12F, 52.75F},
                                                    {45.08F, 53.00F},
                                                    {56.01F, 79.81F},
                                                    {38.29F, 51.70F},
                                                    {73.53F, 51.50F},
                                                    {56.03F, 71.74F},
                                                    {41.55F, 92.37F},
                                                    {70.73F, 92.20F}}};

constexpr float kWorkFacePx = 200;     // the face in the working picture, tall: landmarks are whole pixels of it
constexpr float kSurroundings = 2.0F;  // side of the working picture in face sides

// Root mean square misfit of the landmarks, in pixels of the 112x112 picture, that is believed without HOG's word.
// HOG confirms 99 % of real faces and no animal; the rest are faces in half profile (up to 4) and animals (from 5).
constexpr float kMisfitMax = 4;

constexpr double kFineFrom = 1.2;  // times as large as usual

// The HOG box that belongs to a detector's box: square, a little smaller and lower.
cv::Rect2f expected_hog_box(const cv::Rect2f& found) {
  const float side = 0.944F * std::sqrt(found.width * found.height);
  const cv::Point2f centre(found.x + found.width / 2, found.y + found.height * 0.575F);
  return {centre.x - side / 2, centre.y - side / 2, side, side};
}

void cut_out(const cv::Mat& source, const cv::Rect2f& face, FacePicture& work) {
  const float side = face.width * kSurroundings;
  const cv::Point2f centre(face.x + face.width / 2, face.y + face.height / 2);
  const cv::Rect around(cvRound(centre.x - side / 2), cvRound(centre.y - side / 2), cvRound(side), cvRound(side));
  const cv::Rect inside = around & cv::Rect(cv::Point(), source.size());
  CV_Assert(inside.area() > 0);

  work.scale = kWorkFacePx / face.width;
  work.offset = cv::Point2f(inside.tl());
  const cv::Size size(std::max(2, cvRound(static_cast<float>(inside.width) * work.scale)),
                      std::max(2, cvRound(static_cast<float>(inside.height) * work.scale)));
  const cv::Size half(size.width / 2, size.height / 2);
  work.bgr = work.bgr_memory.picture(size, CV_8UC3);
  work.grey = work.grey_memory.picture(size, CV_8UC1);
  work.half_bgr = work.half_bgr_memory.picture(half, CV_8UC3);
  work.half_grey = work.half_grey_memory.picture(half, CV_8UC1);
  const cv::Mat bright = work.brightener.brighten(source(inside));
  if (work.scale < 1)
    work.smaller.shrink(bright, size, work.bgr);
  else
    work.larger.resize(bright, size, work.bgr);
  cv::cvtColor(work.bgr, work.grey, cv::COLOR_BGR2GRAY);
  work.smaller.shrink(work.bgr, half, work.half_bgr);
  work.smaller.shrink(work.grey, half, work.half_grey);
}

// The face box once more, by HOG at the size it sees best.
std::optional<cv::Rect> relocate(DlibLandmarks& dlib, const FacePicture& work, const cv::Rect2f& expected) {
  const cv::Point2f centre = work.into((expected.tl() + expected.br()) / 2);
  const std::optional<cv::Rect> hog = dlib.find(work.half_grey, centre / 2);
  if (!hog) return std::nullopt;
  return cv::Rect{hog->x * 2, hog->y * 2, hog->width * 2, hog->height * 2};
}

using Landmarks = std::array<cv::Point2f, kTargets>;

Landmarks in_half_size(const FivePoints& dlib, const FeaturePoints& mesh) {
  Landmarks all;
  std::copy(dlib.begin(), dlib.end(), all.begin());
  std::copy(mesh.begin(), mesh.end(), all.begin() + dlib.size());
  for (cv::Point2f& p : all) p /= 2;
  return all;
}

// Its points are laid over the usual ones; landmarks are fitted to the usual picture, where their targets were
// measured.
cv::Matx33f from_usual(const EncoderInput& input) {
  const EncoderInput usual;
  if (input.points == usual.points) return cv::Matx33f::eye();
  std::array<cv::Point2f, 5> from, to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = {usual.points[i][0], usual.points[i][1]};
    to[i] = {input.points[i][0], input.points[i][1]};
  }
  const cv::Matx23f fit = fit_similarity(from, to);
  return {fit(0, 0), fit(0, 1), fit(0, 2), fit(1, 0), fit(1, 1), fit(1, 2), 0, 0, 1};
}

float misfit(const cv::Matx23f& fit, const Landmarks& landmarks) {
  double sum = 0;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    const cv::Point2f& p = landmarks[i];
    const cv::Vec2f put = fit * cv::Vec3f(p.x, p.y, 1);
    sum += cv::norm(put - cv::Vec2f(kTarget[i].x, kTarget[i].y), cv::NORM_L2SQR);
  }
  return static_cast<float>(std::sqrt(sum / kTargets));
}

}  // namespace

Aligner::Aligner(const ModelFile& shape, const ModelFile& landmark, const EncoderInput& input)
    : dlib_(shape), mesh_(landmark), side_(static_cast<int>(input.side)), from_usual_(from_usual(input)) {}

void Aligner::release_scratch() {
  dlib_.release_scratch();
  mesh_.release_scratch();
  work_ = {};
}

void Aligner::align(const cv::Mat& bgr, const cv::Rect2f& found, AlignedFace& face) {
  const cv::Rect2f expected = expected_hog_box(found);
  cut_out(bgr, expected, work_);
  const FacePicture& work = work_;
  const std::optional<cv::Rect> hog = relocate(dlib_, work, expected);
  const cv::Rect box = hog.value_or(cv::Rect(work.into(expected.tl()), work.into(expected.br())));
  const FivePoints five = dlib_.landmarks(work.grey, box);
  const Mesh mesh = mesh_.find(work.grey, cv::Rect2f(work.into(found.tl()), work.into(found.br())));
  const Landmarks landmarks = in_half_size(five, feature_points(mesh));
  const cv::Matx23f fit = fit_similarity(landmarks, kTarget);

  face.plausible = hog.has_value() || misfit(fit, landmarks) <= kMisfitMax;
  face.box = cv::Rect2f(work.back(cv::Point2f(box.tl())), work.back(cv::Point2f(box.br())));
  chip_.cut(work.bgr, five, face.chip);
  // The half picture has a pixel for each of the usual one; an encoder that wants many more takes them from the whole.
  const bool fine = std::sqrt(std::abs(cv::determinant(from_usual_))) > kFineFrom;
  const float scale = fine ? 0.5F : 1;
  const cv::Matx33f to_half(scale, 0, 0, 0, scale, 0, 0, 0, 1);
  const cv::Matx33f usual(fit(0, 0), fit(0, 1), fit(0, 2), fit(1, 0), fit(1, 1), fit(1, 2), 0, 0, 1);
  const cv::Matx23f warp = (from_usual_ * usual * to_half).get_minor<2, 3>(0, 0);
  warper_.warp(fine ? work.bgr : work.half_bgr, warp, cv::Size(side_, side_), AffineWarper::Beyond::black,
               face.feature);
  std::transform(mesh.begin(), mesh.end(), face.mesh.begin(), [&](const cv::Point2f& p) { return work.back(p); });
  face.points = feature_points(face.mesh);
}

}  // namespace faceauth::vision
