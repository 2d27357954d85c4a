#include <faced/vision/face_shape.h>

#include <dlib/image_processing/shape_predictor.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

namespace faceauth::vision {
namespace {

using Shape = dlib::matrix<float, 0, 1>;

[[noreturn]] void malformed() { throw std::runtime_error("not dlib's landmarks"); }

// Left where one pixel is brighter than the other by more than the threshold.
struct Split {
  std::uint16_t one, other;
  float threshold;
};

// Trees of one depth after the other: their splits, from the root down, and what to add to the shape at each leaf.
struct Forest {
  std::size_t trees = 0, splits_each = 0;
  std::vector<Split> splits;
  std::vector<float> leaves;
};

void add_tree(const dlib::impl::regression_tree& tree, std::size_t pixels, std::size_t numbers, Forest& forest) {
  if (tree.splits.size() != forest.splits_each || tree.leaf_values.size() != forest.splits_each + 1) malformed();
  for (const auto& split : tree.splits) {
    if (split.idx1 >= pixels || split.idx2 >= pixels) malformed();
    forest.splits.push_back(
        {static_cast<std::uint16_t>(split.idx1), static_cast<std::uint16_t>(split.idx2), split.thresh});
  }
  for (const Shape& leaf : tree.leaf_values) {
    if (static_cast<std::size_t>(leaf.size()) != numbers) malformed();
    forest.leaves.insert(forest.leaves.end(), leaf.begin(), leaf.end());
  }
}

Forest packed(const std::vector<dlib::impl::regression_tree>& trees, std::size_t pixels, std::size_t numbers) {
  if (trees.empty() || pixels > std::numeric_limits<std::uint16_t>::max()) malformed();
  Forest forest;
  forest.trees = trees.size();
  forest.splits_each = trees.front().splits.size();
  // Full trees only: the last split's children are leaves.
  if ((forest.splits_each & (forest.splits_each + 1)) != 0) malformed();
  forest.splits.reserve(forest.trees * forest.splits_each);
  forest.leaves.reserve(forest.trees * (forest.splits_each + 1) * numbers);
  for (const auto& tree : trees) add_tree(tree, pixels, numbers, forest);
  return forest;
}

// The leaf is where the walk ends, counted in nodes; several trees are walked at once, since each step waits for
// memory.
template <std::size_t at_once>
void walk(const Split* splits, std::size_t each, const float* pixels, std::size_t* leaves) {
  std::size_t at[at_once] = {};
  for (std::size_t level = 1; level <= each; level *= 2)
    for (std::size_t i = 0; i < at_once; ++i) {
      const Split& split = splits[i * each + at[i]];
      at[i] = 2 * at[i] + (pixels[split.one] - pixels[split.other] > split.threshold ? 1 : 2);
    }
  for (std::size_t i = 0; i < at_once; ++i) leaves[i] = at[i] - each;
}

void add_leaves(const Forest& forest, const std::vector<float>& pixels, std::vector<float>& shape) {
  constexpr std::size_t kAtOnce = 8;
  const std::size_t numbers = shape.size();
  float* const to = shape.data();
  std::size_t leaves[kAtOnce];
  for (std::size_t tree = 0; tree < forest.trees;) {
    const std::size_t count = forest.trees - tree >= kAtOnce ? kAtOnce : 1;
    const Split* const splits = forest.splits.data() + tree * forest.splits_each;
    if (count == kAtOnce)
      walk<kAtOnce>(splits, forest.splits_each, pixels.data(), leaves);
    else
      walk<1>(splits, forest.splits_each, pixels.data(), leaves);
    for (std::size_t i = 0; i < count; ++i, ++tree) {
      const float* const leaf = forest.leaves.data() + (tree * (forest.splits_each + 1) + leaves[i]) * numbers;
      for (std::size_t n = 0; n < numbers; ++n) to[n] += leaf[n];
    }
  }
}

}  // namespace

struct FaceShape::Parts {
  [[nodiscard]] cv::Matx22f turned(const std::vector<float>& shape) const;
  void start_from(const Shape& shape);
  void read_pixels(std::size_t forest, const cv::Mat& grey, const cv::Rect& box);

  std::vector<cv::Point2d> initial;  // landmarks, from their mean
  double spread = 0;                 // the sum of the squares of their distances from it
  std::vector<float> first_shape;    // x and y of each, in sides of the box
  std::vector<Forest> forests;
  std::vector<std::vector<unsigned long>> anchors;  // of each forest's pixels
  std::vector<std::vector<dlib::vector<float, 2>>> deltas;

  std::vector<float> shape, pixels;  // of the face that is looked at
  std::vector<cv::Point> points;
};

void FaceShape::Parts::start_from(const Shape& initial_shape) {
  first_shape.assign(initial_shape.begin(), initial_shape.end());
  cv::Point2d mean;
  for (std::size_t i = 0; i < first_shape.size(); i += 2)
    initial.emplace_back(double{first_shape[i]}, double{first_shape[i + 1]});
  for (const cv::Point2d& point : initial) mean += point;
  mean /= static_cast<double>(initial.size());
  for (cv::Point2d& point : initial) {
    point -= mean;
    spread += point.dot(point);
  }
}

// How the initial shape is turned and scaled to lie over `shape` (Umeyama's fit, which is this in two dimensions).
cv::Matx22f FaceShape::Parts::turned(const std::vector<float>& to) const {
  if (spread == 0) return cv::Matx22f::eye();
  cv::Point2d mean;
  for (std::size_t i = 0; i < initial.size(); ++i) mean += cv::Point2d(double{to[2 * i]}, double{to[2 * i + 1]});
  mean /= static_cast<double>(initial.size());
  double along = 0, across = 0;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const cv::Point2d there = cv::Point2d(double{to[2 * i]}, double{to[2 * i + 1]}) - mean;
    along += there.dot(initial[i]);
    across += initial[i].cross(there);
  }
  const auto a = static_cast<float>(along / spread), b = static_cast<float>(across / spread);
  return {a, -b, b, a};
}

// Of the pixels beside the landmarks that the trees compare: each moves with the landmark it belongs to.
void FaceShape::Parts::read_pixels(std::size_t forest, const cv::Mat& grey, const cv::Rect& box) {
  const cv::Matx22f turn = turned(shape);
  const std::vector<unsigned long>& anchor = anchors[forest];
  const std::vector<dlib::vector<float, 2>>& delta = deltas[forest];
  const double right = box.width - 1, down = box.height - 1;
  pixels.resize(anchor.size());
  for (std::size_t i = 0; i < anchor.size(); ++i) {
    const float x = turn(0, 0) * delta[i].x() + turn(0, 1) * delta[i].y() + shape[2 * anchor[i]];
    const float y = turn(1, 0) * delta[i].x() + turn(1, 1) * delta[i].y() + shape[2 * anchor[i] + 1];
    const double column = std::floor(double{x} * right + box.x + 0.5), row = std::floor(double{y} * down + box.y + 0.5);
    const bool inside = column >= 0 && column < grey.cols && row >= 0 && row < grey.rows;
    pixels[i] = inside ? static_cast<float>(grey.ptr(static_cast<int>(row))[static_cast<int>(column)]) : 0;
  }
}

FaceShape::FaceShape(std::istream& in) {
  auto parts = std::make_unique<Parts>();
  int version = 0;
  std::vector<std::vector<dlib::impl::regression_tree>> forests;
  dlib::deserialize(version, in);
  if (version != 1) malformed();
  Shape initial;
  dlib::deserialize(initial, in);
  dlib::deserialize(forests, in);
  dlib::deserialize(parts->anchors, in);
  dlib::deserialize(parts->deltas, in);
  const auto numbers = static_cast<std::size_t>(initial.size());
  if (numbers == 0 || numbers % 2 != 0) malformed();
  if (forests.size() != parts->anchors.size() || forests.size() != parts->deltas.size()) malformed();
  for (std::size_t i = 0; i < forests.size(); ++i) {
    if (parts->anchors[i].size() != parts->deltas[i].size()) malformed();
    for (const unsigned long anchor : parts->anchors[i])
      if (anchor >= numbers / 2) malformed();
    parts->forests.push_back(packed(forests[i], parts->anchors[i].size(), numbers));
    std::vector<dlib::impl::regression_tree>().swap(forests[i]);
  }
  parts->start_from(initial);
  parts_ = std::move(parts);
}

FaceShape::~FaceShape() = default;

const std::vector<cv::Point>& FaceShape::find(const cv::Mat& grey, const cv::Rect& box) {
  std::vector<float>& shape = parts_->shape;
  shape = parts_->first_shape;
  for (std::size_t i = 0; i < parts_->forests.size(); ++i) {
    parts_->read_pixels(i, grey, box);
    add_leaves(parts_->forests[i], parts_->pixels, shape);
  }
  parts_->points.clear();
  for (std::size_t i = 0; i < shape.size(); i += 2) {
    const double x = double{shape[i]} * (box.width - 1) + box.x, y = double{shape[i + 1]} * (box.height - 1) + box.y;
    parts_->points.emplace_back(static_cast<int>(std::floor(x + 0.5)), static_cast<int>(std::floor(y + 0.5)));
  }
  return parts_->points;
}

}  // namespace faceauth::vision
