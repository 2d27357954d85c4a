// demo-frames PHOTOS OUT: cuts webcam-like 640x480 views, one person each, out of the group photos.
// OUT/<view>/000.jpg is what a replay camera shows in a loop.
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

namespace {

struct View {
  const char* name;
  const char* photo;
  cv::Rect region;  // 4:3, in pixels of the photo; chosen so that the neighbours' faces lie outside
};

// Two photos of one woman (owner-*), three other people, and a corner with nobody in it.
const std::array<View, 6> kViews{{
    {"owner-enrol", "sample3.jpg", {830, 120, 680, 510}},
    {"owner-login", "sample1.jpg", {1251, 80, 640, 480}},
    {"stranger-1", "sample1.jpg", {150, 200, 640, 480}},
    {"stranger-2", "sample3.jpg", {370, 200, 640, 480}},
    {"stranger-3", "sample3.jpg", {1340, 225, 580, 435}},
    {"empty-room", "sample3.jpg", {0, 0, 500, 375}},
}};

bool cut(const View& view, const std::filesystem::path& photos, const std::filesystem::path& out) {
  const cv::Mat photo = cv::imread((photos / view.photo).string());
  const cv::Rect whole(0, 0, photo.cols, photo.rows);
  if ((view.region & whole) != view.region) return false;
  cv::Mat frame;
  cv::resize(photo(view.region), frame, {640, 480}, 0, 0, cv::INTER_AREA);
  std::filesystem::create_directories(out / view.name);
  return cv::imwrite((out / view.name / "000.jpg").string(), frame, {cv::IMWRITE_JPEG_QUALITY, 92});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: demo-frames PHOTOS OUT\n");
    return 2;
  }
  try {
    for (const View& view : kViews) {
      if (!cut(view, argv[1], argv[2])) {
        std::fprintf(stderr, "demo-frames: cannot cut %s out of %s/%s\n", view.name, argv[1], view.photo);
        return 1;
      }
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "demo-frames: %s\n", e.what());
    return 1;
  }
  return 0;
}
