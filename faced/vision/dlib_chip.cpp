#include <faced/vision/dlib_chip.h>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace faceauth::vision {
namespace {

constexpr auto kSide = DlibChip::kSide;
constexpr double kPadding = 0.25;

// Of dlib's get_face_chip_details(): where the five points lie in a face that fills the picture.
constexpr double kUsual[5][2] = {{0.8595674595992, 0.2134981538014},
                                 {0.6460604764104, 0.2289674387677},
                                 {0.1205750620789, 0.2137274526848},
                                 {0.3340850613712, 0.2290642403242},
                                 {0.4901123135679, 0.6277975316475}};

using Points = std::array<dlib::dpoint, std::tuple_size_v<FivePoints>>;
using Matrix = dlib::matrix<double, 2, 2>;

// The singular value decomposition of so small a matrix, as dlib asks LAPACK for it but with the memory kept.
class Decomposition {
 public:
  void of(Matrix m, Matrix& u, Matrix& d, Matrix& v) {
#ifdef DLIB_USE_LAPACK
    // LAPACK reads columns where dlib has rows, so that the two factors change places.
    if (work_.empty()) {
      double size = 0;
      (void)run(m, u, v, &size, -1);
      work_.resize(static_cast<std::size_t>(size));
    }
    d = 0;
    const auto values = run(m, u, v, work_.data(), static_cast<dlib::lapack::integer>(work_.size()));
    d(0, 0) = values[0];
    d(1, 1) = values[1];
    v = dlib::trans(Matrix(v));
#else
    dlib::svd(m, u, d, v);
#endif
  }

#ifdef DLIB_USE_LAPACK
 private:
  static std::array<double, 2> run(Matrix& m, Matrix& u, Matrix& v, double* work, dlib::lapack::integer size) {
    std::array<double, 2> values{};
    (void)dlib::lapack::binding::gesvd('A', 'S', 2, 2, m.begin(), 2, values.data(), v.begin(), 2, u.begin(), 2, work,
                                       size);
    return values;
  }

  std::vector<double> work_;
#endif
};

// dlib's find_similarity_transform(), number by number.
dlib::point_transform_affine fit(const Points& from, const Points& to, Decomposition& decomposition) {
  constexpr auto kCount = static_cast<double>(std::tuple_size_v<Points>);
  dlib::dpoint mean_from, mean_to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    mean_from += from[i];
    mean_to += to[i];
  }
  mean_from /= kCount;
  mean_to /= kCount;
  double spread = 0;
  Matrix covariance;
  covariance = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    spread += dlib::length_squared(from[i] - mean_from);
    covariance += (to[i] - mean_to) * dlib::trans(from[i] - mean_from);
  }
  spread /= kCount;
  covariance /= kCount;

  Matrix u, d, v, sign = dlib::identity_matrix<double>(2);
  decomposition.of(covariance, u, d, v);
  const double turns = dlib::det(covariance);
  if (turns < 0 || (turns == 0 && dlib::det(u) * dlib::det(v) < 0)) {
    const int less = d(1, 1) < d(0, 0) ? 1 : 0;
    sign(less, less) = -1;
  }
  const Matrix rotation = u * sign * dlib::trans(v);
  const double scale = 1.0 / spread * dlib::trace(d * sign);
  const dlib::dpoint shift = mean_to - scale * rotation * mean_from;
  return {scale * rotation, shift};
}

// As dlib makes it of such points: a square, turned.
dlib::chip_details chip_of(const dlib::point_transform_affine& from_chip) {
  const dlib::dpoint right = from_chip.get_m() * dlib::dpoint(1, 0);
  const double side = kSide * dlib::length(right);
  return {dlib::centered_drect(from_chip(dlib::dpoint(kSide, kSide) / 2.0), side, side), dlib::chip_dims(kSide, kSide),
          std::atan2(right.y(), right.x())};
}

dlib::dpoint turned(const dlib::chip_details& where, const dlib::drectangle& rect, const dlib::dpoint& corner) {
  return dlib::rotate_point<double>(dlib::center(rect), corner, where.angle);
}

// Only a part of the picture, as dlib does it: positions are counted from its corner, and their last bits decide about
// pixels.
dlib::rectangle part_around(const dlib::chip_details& where, const dlib::rectangle& picture) {
  const dlib::drectangle& rect = where.rect;
  dlib::drectangle turned_rect;
  for (const dlib::dpoint& corner : {rect.tl_corner(), rect.tr_corner(), rect.bl_corner(), rect.br_corner()})
    turned_rect += turned(where, rect, corner);
  dlib::rectangle part;
  part += dlib::grow_rect(turned_rect, 2).intersect(picture);
  return part;
}

// For such chips dlib takes other ways than by one bilinear step.
bool is_out_of_the_ordinary(const dlib::chip_details& where, const dlib::drectangle& rect) {
  constexpr auto side = static_cast<double>(kSide);
  const bool straight = where.angle == 0 && rect.height() == side && rect.width() == side;
  return straight || dlib::pyramid_down<2>().rect_down(rect).area() > static_cast<double>(where.size());
}

}  // namespace

struct DlibChip::Parts {
  Points usual, seen;
  dlib::matrix<double, 3, 3> from_corners;  // of the chip; for find_affine_transform()
  Decomposition decomposition;
};

DlibChip::DlibChip() : parts_(std::make_unique<Parts>()) {
  for (std::size_t i = 0; i < parts_->usual.size(); ++i)
    parts_->usual[i] = (kPadding + dlib::dpoint(kUsual[i][0], kUsual[i][1])) / (2 * kPadding + 1) * kSide;
  dlib::matrix<double, 3, 0> corners(3, 3);
  corners = 0, kSide - 1, 0,  //
      0, 0, kSide - 1,        //
      1, 1, 1;
  parts_->from_corners = dlib::pinv(corners);
}

DlibChip::~DlibChip() = default;

// dlib's extract_image_chip() makes lists, matrices and pictures anew for each chip. The steps are the same, so that
// the pixels are: dlib cuts fractions off, and the last bit of a position decides about a pixel of an even area.
void DlibChip::cut(const cv::Mat& bgr, const FivePoints& points, cv::Mat& chip) {
  Points& seen = parts_->seen;
  for (std::size_t i = 0; i < seen.size(); ++i)
    seen[i] =
        dlib::dpoint(static_cast<double>(std::lround(points[i].x)), static_cast<double>(std::lround(points[i].y)));
  const dlib::chip_details where = chip_of(fit(parts_->usual, seen, parts_->decomposition));

  chip.create(kSide, kSide, CV_8UC3);
  dlib::cv_image<dlib::rgb_pixel> to(chip);
  const dlib::cv_image<dlib::bgr_pixel> picture(bgr);
  const dlib::rectangle part = part_around(where, dlib::get_rect(picture));
  const dlib::drectangle rect = dlib::translate_rect(where.rect, -part.tl_corner());
  if (is_out_of_the_ordinary(where, where.rect) || is_out_of_the_ordinary(where, rect)) {
    dlib::matrix<dlib::rgb_pixel> theirs;
    dlib::extract_image_chip(picture, where, theirs);
    dlib::toMat(theirs).copyTo(chip);
    return;
  }
  dlib::matrix<double, 2, 3> corners;
  long column = 0;
  for (const dlib::dpoint& corner : {rect.tl_corner(), rect.tr_corner(), rect.bl_corner()})
    dlib::set_colm(corners, column++) = turned(where, rect, corner);
  const dlib::matrix<double, 2, 3> map = corners * parts_->from_corners;
  dlib::transform_image(dlib::sub_image(picture, part), to, dlib::interpolate_bilinear(),
                        dlib::point_transform_affine(dlib::subm(map, 0, 0, 2, 2), dlib::colm(map, 2)));
}

}  // namespace faceauth::vision
