#include <faced/vision/hog_features.h>
#include <faced/vision/hog_finder.h>

#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv.h>

#include <algorithm>
#include <cstddef>

namespace faceauth::vision {
namespace {

using Image = dlib::cv_image<unsigned char>;
using Detection = dlib::rect_detection;

cv::Rect rect_of(const dlib::rectangle& r) {
  return {static_cast<int>(r.left()), static_cast<int>(r.top()), static_cast<int>(r.width()),
          static_cast<int>(r.height())};
}

}  // namespace

struct HogFinder::Parts {
  void look_for_all(const cv::Mat& grey);
  void look(std::size_t detector, unsigned level);

  const Kernels* kernels = nullptr;
  dlib::frontal_face_detector dlib = dlib::get_frontal_face_detector();
  dlib::pyramid_down<6> pyramid;
  HogFeatures features;
  HogPyramid smaller;
  HogPlanes planes;
  std::vector<Detection> found;
  std::vector<dlib::rectangle> kept;
  std::vector<cv::Rect> boxes;
};

// One of the detectors on one level of the pyramid.
void HogFinder::Parts::look(std::size_t detector, unsigned level) {
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
void HogFinder::Parts::look_for_all(const cv::Mat& grey) {
  const auto& scanner = dlib.get_scanner();
  const cv::Size window(static_cast<int>(scanner.get_fhog_window_width()),
                        static_cast<int>(scanner.get_fhog_window_height()));
  found.clear();
  cv::Mat picture = grey;
  dlib::rectangle size(0, 0, grey.cols - 1, grey.rows - 1);
  for (unsigned level = 0; level < scanner.get_max_pyramid_levels(); ++level) {
    if (level > 0) picture = smaller.shrink(picture);
    if (!picture.empty() && features.compute(picture, window, planes))
      for (unsigned long detector = 0; detector < dlib.num_detectors(); ++detector) look(detector, level);
    size = pyramid.rect_down(size);
    if (size.width() < scanner.get_min_pyramid_layer_width() || size.height() < scanner.get_min_pyramid_layer_height())
      break;
  }
  std::sort(found.rbegin(), found.rend());
}

HogFinder::HogFinder(const Kernels* kernels) : parts_(std::make_unique<Parts>()) { parts_->kernels = kernels; }

HogFinder::~HogFinder() = default;

void HogFinder::release_scratch() {
  parts_->features.release_scratch();
  parts_->smaller.release_scratch();
  parts_->planes = {};
}

const std::vector<cv::Rect>& HogFinder::find(const cv::Mat& grey) {
  std::vector<dlib::rectangle>& kept = parts_->kept;
  std::vector<cv::Rect>& boxes = parts_->boxes;
  kept.clear();
  boxes.clear();
  if (parts_->kernels == nullptr) {
    for (const dlib::rectangle& r : parts_->dlib(Image(grey))) boxes.push_back(rect_of(r));
    return boxes;
  }
  parts_->look_for_all(grey);
  const dlib::test_box_overlap& overlap = parts_->dlib.get_overlap_tester();
  for (const Detection& d : parts_->found) {
    if (std::any_of(kept.begin(), kept.end(), [&](const dlib::rectangle& k) { return overlap(k, d.rect); })) continue;
    kept.push_back(d.rect);
    boxes.push_back(rect_of(d.rect));
  }
  return boxes;
}

}  // namespace faceauth::vision
