#include <faced/vision/dlib_chip.h>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv.h>

#include <cmath>
#include <vector>

namespace faceauth::vision {
namespace {

constexpr long kSide = 150;
constexpr double kPadding = 0.25;

// Of dlib's get_face_chip_details(): where the five points lie in a face that fills the picture.
constexpr double kUsual[5][2] = {{0.8595674595992, 0.2134981538014},
                                 {0.6460604764104, 0.2289674387677},
                                 {0.1205750620789, 0.2137274526848},
                                 {0.3340850613712, 0.2290642403242},
                                 {0.4901123135679, 0.6277975316475}};

using Points = std::vector<dlib::dpoint>;

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
  Points corners{{0, 0}, {kSide - 1, 0}, {0, kSide - 1}}, from;  // of the chip, and where they lie in the picture
};

DlibChip::DlibChip() : parts_(std::make_unique<Parts>()) {
  for (const auto& [x, y] : kUsual)
    parts_->usual.push_back((kPadding + dlib::dpoint(x, y)) / (2 * kPadding + 1) * static_cast<unsigned long>(kSide));
}

DlibChip::~DlibChip() = default;

// dlib's extract_image_chip() makes lists and pictures anew for each chip. The steps are the same, by dlib's own
// functions, so that the pixels are.
cv::Mat DlibChip::cut(const cv::Mat& bgr, const FivePoints& points) {
  Points& seen = parts_->seen;
  seen.clear();
  for (const cv::Point2f& p : points) seen.emplace_back(std::lround(p.x), std::lround(p.y));
  const dlib::chip_details where(parts_->usual, seen, dlib::chip_dims(kSide, kSide));

  cv::Mat chip(kSide, kSide, CV_8UC3);
  dlib::cv_image<dlib::rgb_pixel> to(chip);
  const dlib::cv_image<dlib::bgr_pixel> picture(bgr);
  const dlib::rectangle part = part_around(where, dlib::get_rect(picture));
  const dlib::drectangle rect = dlib::translate_rect(where.rect, -part.tl_corner());
  if (is_out_of_the_ordinary(where, where.rect) || is_out_of_the_ordinary(where, rect)) {
    dlib::matrix<dlib::rgb_pixel> theirs;
    dlib::extract_image_chip(picture, where, theirs);
    dlib::toMat(theirs).copyTo(chip);
    return chip;
  }
  parts_->from.clear();
  for (const dlib::dpoint& corner : {rect.tl_corner(), rect.tr_corner(), rect.bl_corner()})
    parts_->from.push_back(turned(where, rect, corner));
  dlib::transform_image(dlib::sub_image(picture, part), to, dlib::interpolate_bilinear(),
                        dlib::find_affine_transform(parts_->corners, parts_->from));
  return chip;
}

}  // namespace faceauth::vision
