#include "fixtures.h"

#include <fcntl.h>
#include <tests/support/built.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace faceauth::vision {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "faceauth-vision-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  root_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string TempDir::put(const std::string& name, std::span<const std::uint8_t> bytes) const {
  std::ofstream out(path(name), std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path(name));
  return path(name);
}

cv::Mat photo(const std::string& name) {
  cv::Mat picture = cv::imread(test::built::photo(name));
  if (picture.empty())
    throw std::runtime_error("no photo " + name + " in " + test::built::kPhotos + ": run ./dev setup");
  return picture;
}

cv::Mat scene(Scene which) {
  const cv::Size size(640, 480);
  const auto part = [&size](const char* name, int x, int y) {
    return photo(name)(cv::Rect(cv::Point(x, y), size)).clone();
  };
  switch (which) {
    case Scene::woman_monday:
      return part("sample1.jpg", 1280, 90);
    case Scene::woman_tuesday:
      return part("sample3.jpg", 850, 110);
    case Scene::man:
      return part("sample1.jpg", 180, 230);
    case Scene::stranger:
      return part("sample5.jpg", 1280, 280);
    case Scene::two_people:
      return part("sample1.jpg", 400, 230);
    case Scene::nobody:
      break;
  }
  cv::Mat room(size, CV_8UC3, cv::Scalar(150, 160, 170));
  cv::rectangle(room, cv::Rect(80, 60, 160, 220), cv::Scalar(90, 70, 60), -1);
  cv::line(room, cv::Point(0, 400), cv::Point(640, 380), cv::Scalar(60, 60, 60), 5);
  return room;
}

Blob encoded(const cv::Mat& bgr, const std::string& extension) {
  Blob out;
  if (!cv::imencode(extension, bgr, out)) throw std::runtime_error("cannot encode " + extension);
  return out;
}

Blob bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Fd open_file(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)); }

Analyser& analyser() {
  static Analyser loaded = [] {
    Result<Analyser> result = Analyser::load(test::built::kModels);
    if (!result) throw std::runtime_error(result.error().message);
    return *std::move(result);
  }();
  return loaded;
}

}  // namespace faceauth::vision
