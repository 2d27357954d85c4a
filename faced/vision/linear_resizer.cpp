#include <faced/vision/linear_resizer.h>
#include <faced/vision/pixel_pair.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

constexpr int kWhole = 1 << 11;  // the sum of two shares
constexpr int kDropped = 4;      // binary places of a row's numbers that do not fit into 16 bits

constexpr std::size_t kSpare = 1;  // numbers that four at once reach beyond a pixel

}  // namespace

// Beyond the edge lies the outermost pixel once more.
LinearResizer::Pair LinearResizer::pair_at(int at, int from, int to) {
  const double scale = 1 / (static_cast<double>(to) / from);
  const auto place = static_cast<float>((at + 0.5) * scale - 0.5);
  const int first = cvFloor(place);
  const float share = place - static_cast<float>(first);
  return {std::clamp(first, 0, from - 1), std::clamp(first + 1, 0, from - 1),
          cv::saturate_cast<std::int16_t>((1 - share) * kWhole), cv::saturate_cast<std::int16_t>(share * kWhole)};
}

// Of a row in colours as many of its pixels as can be taken at once; how many.
std::size_t LinearResizer::take_colours(const std::uint8_t* from, int bytes, std::int16_t* to) const {
  std::size_t done = 0;
  for (; done < across_.size() && across_[done].first + kPairBytes <= bytes; ++done, to += 3) {
    const Pair& pair = across_[done];
    const cv::v_int32x4 numbers = blended(from + pair.first, weights(pair.first_share, pair.second_share)) >> kDropped;
    cv::v_store_low(to, cv::v_pack(numbers, numbers));
  }
  return done;
}

template <int channels>
const std::int16_t* LinearResizer::row(const cv::Mat& picture, int y) {
  const std::size_t which = y % 2 == 0 ? 0 : 1;
  std::int16_t* const made = rows_[which].data();
  if (have_[which] == y) return made;
  have_[which] = y;
  const std::uint8_t* const from = picture.ptr(y);
  const std::size_t done = channels == 3 ? take_colours(from, picture.cols * channels, made) : 0;
  std::int16_t* to = made + done * channels;
  for (std::size_t i = done; i < across_.size(); ++i) {
    const Pair& pair = across_[i];
    const std::uint8_t *first = from + pair.first, *second = from + pair.second;
    for (int c = 0; c < channels; ++c)
      *to++ = static_cast<std::int16_t>((first[c] * pair.first_share + second[c] * pair.second_share) >> kDropped);
  }
  return made;
}

template <int channels>
void LinearResizer::resize_to(const cv::Mat& picture, cv::Mat& to) {
  across_.clear();
  for (int x = 0; x < to.cols; ++x) {
    Pair pair = pair_at(x, picture.cols, to.cols);
    if (pair.first == pair.second) pair = {pair.first, pair.first, kWhole, 0};
    pair.first *= channels;
    pair.second *= channels;
    across_.push_back(pair);
  }
  const int numbers = to.cols * channels;
  for (std::vector<std::int16_t>& row : rows_) row.resize(static_cast<std::size_t>(numbers) + kSpare);
  std::fill(std::begin(have_), std::end(have_), -1);
  for (int y = 0; y < to.rows; ++y) {
    const Pair pair = pair_at(y, picture.rows, to.rows);
    const std::int16_t *first = row<channels>(picture, pair.first), *second = row<channels>(picture, pair.second);
    std::uint8_t* const out = to.ptr(y);
    for (int i = 0; i < numbers; ++i) {
      const int upper = first[i] * pair.first_share >> 16, lower = second[i] * pair.second_share >> 16;
      out[i] = static_cast<std::uint8_t>((upper + lower + 2) >> 2);
    }
  }
}

void LinearResizer::resize(const cv::Mat& picture, const cv::Size& size, cv::Mat& to) {
  CV_Assert(!picture.empty() && !size.empty() && (picture.type() == CV_8UC1 || picture.type() == CV_8UC3));
  if (picture.size() == size) return picture.copyTo(to);
  if (picture.size() == size * 2) return halves_.shrink(picture, size, to);
  to.create(size, picture.type());
  if (picture.channels() == 3)
    resize_to<3>(picture, to);
  else
    resize_to<1>(picture, to);
}

}  // namespace faceauth::vision
