#include <faced/vision/affine_warper.h>
#include <faced/vision/pixel_pair.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace faceauth::vision {
namespace {

// Positions in the picture are sums of numbers with so many binary places; of the sum fewer are looked at.
constexpr int kPlaces = 10, kPlacesUsed = 5;
constexpr int kOne = 1 << kPlaces, kSteps = 1 << kPlacesUsed;

int added(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); }

// Where a pixel of the target lies in the picture.
cv::Matx23d inverse(const cv::Matx23f& of) {
  const cv::Matx23d m(of);
  const double determinant = m(0, 0) * m(1, 1) - m(0, 1) * m(1, 0), by = determinant != 0 ? 1 / determinant : 0;
  const double xx = m(1, 1) * by, xy = -m(0, 1) * by, yx = -m(1, 0) * by, yy = m(0, 0) * by;
  return {xx, xy, -xx * m(0, 2) - xy * m(1, 2), yx, yy, -yx * m(0, 2) - yy * m(1, 2)};
}

// How far a position lies from the pixel before it, in steps.
struct Share {
  int right, down;
};

// The sum over four corners, whose weights add up to one.
constexpr int kWhole = kSteps * kSteps;
std::uint8_t divided(int sum) { return static_cast<std::uint8_t>((sum + kWhole / 2) >> (2 * kPlacesUsed)); }

template <int channels>
const std::uint8_t* pixel(const cv::Mat& picture, int x, int y, AffineWarper::Beyond beyond) {
  static constexpr std::uint8_t kBlack[channels] = {};
  const int there_x = std::clamp(x, 0, picture.cols - 1), there_y = std::clamp(y, 0, picture.rows - 1);
  if (beyond == AffineWarper::Beyond::black && (there_x != x || there_y != y)) return kBlack;
  return picture.ptr(there_y) + std::ptrdiff_t{channels} * there_x;
}

template <int channels>
void blend(const std::uint8_t* const corners[4], const Share& share, std::uint8_t* to) {
  const int left = kSteps - share.right, up = kSteps - share.down;
  for (int c = 0; c < channels; ++c)
    to[c] = divided(up * (left * corners[0][c] + share.right * corners[1][c]) +
                    share.down * (left * corners[2][c] + share.right * corners[3][c]));
}

template <int channels>
void blend_at_edge(const cv::Mat& picture, int x, int y, const Share& share, AffineWarper::Beyond beyond,
                   std::uint8_t* to) {
  const std::uint8_t* const corners[] = {
      pixel<channels>(picture, x, y, beyond), pixel<channels>(picture, x + 1, y, beyond),
      pixel<channels>(picture, x, y + 1, beyond), pixel<channels>(picture, x + 1, y + 1, beyond)};
  blend<channels>(corners, share, to);
}

// Where all four corners, and in colours the rest of a pair, lie inside the picture.
template <int channels>
void blend_inside(const std::uint8_t* upper, std::size_t step, const Share& share, std::uint8_t* to) {
  const std::uint8_t* const lower = upper + step;
  if constexpr (channels == 1) {
    const std::uint8_t* const corners[] = {upper, upper + 1, lower, lower + 1};
    blend<1>(corners, share, to);
  } else {
    const int left = kSteps - share.right, up = kSteps - share.down;
    const cv::v_int32x4 sum = blended(upper, weights(up * left, up * share.right)) +
                              blended(lower, weights(share.down * left, share.down * share.right));
    const cv::v_int32x4 bgr = (sum + cv::v_setall_s32(kWhole / 2)) >> (2 * kPlacesUsed);
    const cv::v_int16x8 narrow = cv::v_pack(bgr, bgr);
    const unsigned bytes = cv::v_reinterpret_as_u32(cv::v_pack_u(narrow, narrow)).get0();
    std::memcpy(to, &bytes, channels);
  }
}

template <int channels>
void warp_row(const cv::Mat& picture, const cv::Point& first, const std::vector<cv::Point>& columns,
              AffineWarper::Beyond beyond, std::uint8_t* to) {
  constexpr int kWide = channels == 1 ? 2 : (kPairBytes + channels - 1) / channels;  // pixels that are read
  const auto inside_x = static_cast<unsigned>(std::max(picture.cols - kWide + 1, 0));
  const auto inside_y = static_cast<unsigned>(picture.rows - 1);
  for (const cv::Point& column : columns) {
    const int across = added(first.x, column.x) >> (kPlaces - kPlacesUsed);
    const int down = added(first.y, column.y) >> (kPlaces - kPlacesUsed);
    const int x = across >> kPlacesUsed, y = down >> kPlacesUsed;
    const Share share{across & (kSteps - 1), down & (kSteps - 1)};
    if (static_cast<unsigned>(x) < inside_x && static_cast<unsigned>(y) < inside_y)
      blend_inside<channels>(picture.ptr(y) + std::ptrdiff_t{channels} * x, picture.step[0], share, to);
    else
      blend_at_edge<channels>(picture, x, y, share, beyond, to);
    to += channels;
  }
}

}  // namespace

void AffineWarper::warp(const cv::Mat& picture, const cv::Matx23f& matrix, const cv::Size& size, Beyond beyond,
                        cv::Mat& to) {
  CV_Assert(!picture.empty() && (picture.type() == CV_8UC1 || picture.type() == CV_8UC3));
  to.create(size, picture.type());
  const cv::Matx23d back = inverse(matrix);
  columns_.resize(static_cast<std::size_t>(size.width));
  for (int x = 0; x < size.width; ++x)
    columns_[static_cast<std::size_t>(x)] = {cvRound(back(0, 0) * x * kOne), cvRound(back(1, 0) * x * kOne)};
  constexpr int kHalfStep = kOne / kSteps / 2;
  for (int y = 0; y < size.height; ++y) {
    const cv::Point first(added(cvRound((back(0, 1) * y + back(0, 2)) * kOne), kHalfStep),
                          added(cvRound((back(1, 1) * y + back(1, 2)) * kOne), kHalfStep));
    if (picture.channels() == 3)
      warp_row<3>(picture, first, columns_, beyond, to.ptr(y));
    else
      warp_row<1>(picture, first, columns_, beyond, to.ptr(y));
  }
}

}  // namespace faceauth::vision
