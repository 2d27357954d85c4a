#include <faced/vision/floats.h>
#include <faced/vision/hog_finder.h>

#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv.h>

#include <algorithm>
#include <cstddef>

namespace faceauth::vision {
namespace {

using Image = dlib::cv_image<unsigned char>;
using Detection = dlib::rect_detection;
using Features = dlib::array<dlib::array2d<float>>;  // a plane for each direction of edges

constexpr int kSpareRows = 3;

cv::Rect rect_of(const dlib::rectangle& r) {
  return {static_cast<int>(r.left()), static_cast<int>(r.top()), static_cast<int>(r.width()),
          static_cast<int>(r.height())};
}

// The planes of one level, with the room that the kernels want.
class Planes {
 public:
  explicit Planes(const Features& features)
      : rows_(static_cast<int>(features[0].nr())),
        columns_(static_cast<int>(features[0].nc())),
        row_((columns_ + 2 * kBlock - 1) / kBlock * kBlock),
        count_(features.size()),
        numbers_((count_ + 2) * plane()) {
    for (std::size_t i = 0; i < count_; ++i)
      for (long r = 0; r < rows_; ++r)
        std::copy_n(&features[i][r][0], columns_, numbers_.data() + i * plane() + static_cast<std::size_t>(r * row_));
  }
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] int row() const { return row_; }
  [[nodiscard]] std::size_t plane() const {
    return static_cast<std::size_t>(row_) * static_cast<std::size_t>(rows_ + 2 * kSpareRows) + kBlock;
  }
  [[nodiscard]] float* at(std::size_t which) { return numbers_.data() + which * plane(); }
  float* scratch() { return at(count_); }
  float* cleared_sums() {
    std::fill_n(at(count_ + 1), plane(), 0.0F);
    return at(count_ + 1);
  }

 private:
  int rows_, columns_, row_;
  std::size_t count_;
  Floats numbers_;
};

}  // namespace

struct HogFinder::Parts {
  std::vector<Detection> detections(const cv::Mat& grey);
  void look(std::size_t detector, Planes& planes, unsigned level, std::vector<Detection>& found);

  const Kernels* kernels = nullptr;
  dlib::frontal_face_detector dlib = dlib::get_frontal_face_detector();
  dlib::pyramid_down<6> pyramid;
  dlib::array<Features> features;
};

// One of the detectors on one level of the pyramid.
void HogFinder::Parts::look(std::size_t detector, Planes& planes, unsigned level, std::vector<Detection>& found) {
  const auto& scanner = dlib.get_scanner();
  const auto& filters = dlib.get_processed_w(detector).get_detect_argument();
  const int wide = static_cast<int>(scanner.get_fhog_window_width());
  const int tall = static_cast<int>(scanner.get_fhog_window_height());
  SeparableLayer layer;
  layer.row = planes.row();
  layer.width = planes.columns() - wide + 1;
  layer.height = planes.rows() - tall + 1;
  if (layer.width < 1 || layer.height < 1) return;
  layer.scratch = planes.scratch();
  layer.sums = planes.cleared_sums();
  layer.across_count = wide;
  layer.down_count = tall;
  for (std::size_t plane = 0; plane < filters.row_filters.size(); ++plane)
    for (std::size_t i = 0; i < filters.row_filters[plane].size(); ++i) {
      layer.source = planes.at(plane);
      layer.across = filters.row_filters[plane][i].begin();
      layer.down = filters.col_filters[plane][i].begin();
      kernels->separable(layer);
    }
  const double threshold = dlib.get_w(detector)(scanner.get_num_dimensions());
  const long padding = static_cast<long>(scanner.get_padding());
  for (int y = 0; y < layer.height; ++y)
    for (int x = 0; x < layer.width; ++x) {
      const double sum = double{layer.sums[y * layer.row + x]};
      if (!(sum >= threshold)) continue;
      const dlib::rectangle window =
          dlib::centered_rect(dlib::point(x + wide / 2, y + tall / 2), static_cast<unsigned long>(wide - 2 * padding),
                              static_cast<unsigned long>(tall - 2 * padding));
      Detection one;
      one.detection_confidence = sum - threshold;
      one.weight_index = detector;
      one.rect = pyramid.rect_up(
          scanner.get_feature_extractor().feats_to_image(window, static_cast<int>(scanner.get_cell_size()), tall, wide),
          level);
      found.push_back(one);
    }
}

// As dlib::object_detector does it, but for the filters.
std::vector<Detection> HogFinder::Parts::detections(const cv::Mat& grey) {
  const auto& scanner = dlib.get_scanner();
  dlib::impl::create_fhog_pyramid<dlib::pyramid_down<6>>(
      Image(grey), scanner.get_feature_extractor(), features, static_cast<int>(scanner.get_cell_size()),
      static_cast<int>(scanner.get_fhog_window_height()), static_cast<int>(scanner.get_fhog_window_width()),
      scanner.get_min_pyramid_layer_width(), scanner.get_min_pyramid_layer_height(), scanner.get_max_pyramid_levels());
  std::vector<Detection> found;
  for (unsigned level = 0; level < features.size(); ++level) {
    if (features[level].size() == 0 || features[level][0].size() == 0) continue;
    Planes planes(features[level]);
    for (unsigned long detector = 0; detector < dlib.num_detectors(); ++detector) look(detector, planes, level, found);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

HogFinder::HogFinder(const Kernels* kernels) : parts_(std::make_unique<Parts>()) { parts_->kernels = kernels; }

HogFinder::~HogFinder() = default;

void HogFinder::release_scratch() { parts_->features.clear(); }

std::vector<cv::Rect> HogFinder::find(const cv::Mat& grey) {
  std::vector<cv::Rect> boxes;
  if (parts_->kernels == nullptr) {
    for (const dlib::rectangle& r : parts_->dlib(Image(grey))) boxes.push_back(rect_of(r));
    return boxes;
  }
  std::vector<dlib::rectangle> kept;
  const dlib::test_box_overlap& overlap = parts_->dlib.get_overlap_tester();
  for (const Detection& d : parts_->detections(grey)) {
    if (std::any_of(kept.begin(), kept.end(), [&](const dlib::rectangle& k) { return overlap(k, d.rect); })) continue;
    kept.push_back(d.rect);
    boxes.push_back(rect_of(d.rect));
  }
  return boxes;
}

}  // namespace faceauth::vision
