#include <faced/vision/face_shape.h>

#include <dlib/image_processing/shape_predictor.h>
#include <dlib/opencv.h>

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

void add_leaves(const Forest& forest, const std::vector<float>& pixels, Shape& shape) {
  constexpr std::size_t kAtOnce = 8;
  const auto numbers = static_cast<std::size_t>(shape.size());
  float* const to = shape.begin();
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
  Shape initial;
  std::vector<Forest> forests;
  std::vector<std::vector<unsigned long>> anchors;  // of each forest's pixels
  std::vector<std::vector<dlib::vector<float, 2>>> deltas;
};

FaceShape::FaceShape(std::istream& in) {
  auto parts = std::make_unique<Parts>();
  int version = 0;
  std::vector<std::vector<dlib::impl::regression_tree>> forests;
  dlib::deserialize(version, in);
  if (version != 1) malformed();
  dlib::deserialize(parts->initial, in);
  dlib::deserialize(forests, in);
  dlib::deserialize(parts->anchors, in);
  dlib::deserialize(parts->deltas, in);
  const auto numbers = static_cast<std::size_t>(parts->initial.size());
  if (numbers == 0 || numbers % 2 != 0) malformed();
  if (forests.size() != parts->anchors.size() || forests.size() != parts->deltas.size()) malformed();
  for (std::size_t i = 0; i < forests.size(); ++i) {
    if (parts->anchors[i].size() != parts->deltas[i].size()) malformed();
    for (const unsigned long anchor : parts->anchors[i])
      if (anchor >= numbers / 2) malformed();
    parts->forests.push_back(packed(forests[i], parts->anchors[i].size(), numbers));
    forests[i] = {};
  }
  parts_ = std::move(parts);
}

FaceShape::~FaceShape() = default;

std::vector<cv::Point> FaceShape::find(const cv::Mat& grey, const cv::Rect& box) const {
  const dlib::cv_image<unsigned char> image(grey);
  const dlib::rectangle face(box.x, box.y, box.x + box.width - 1, box.y + box.height - 1);
  Shape shape = parts_->initial;
  std::vector<float> pixels;
  for (std::size_t i = 0; i < parts_->forests.size(); ++i) {
    dlib::impl::extract_feature_pixel_values(image, face, shape, parts_->initial, parts_->anchors[i], parts_->deltas[i],
                                             pixels);
    add_leaves(parts_->forests[i], pixels, shape);
  }
  const dlib::point_transform_affine to_image = dlib::impl::unnormalizing_tform(face);
  std::vector<cv::Point> points;
  for (unsigned long i = 0; i < static_cast<unsigned long>(shape.size()) / 2; ++i) {
    const dlib::point p = to_image(dlib::impl::location(shape, i));
    points.emplace_back(static_cast<int>(p.x()), static_cast<int>(p.y()));
  }
  return points;
}

}  // namespace faceauth::vision
