// What the eye's tests share: the real photos, private folders, descriptors, and the analyser (loaded once).
#pragma once

#include <faced/util/fd.h>
#include <faced/vision/analyser.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

namespace faceauth::vision {

using Blob = std::vector<std::uint8_t>;

// Removed with everything in it.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  // Writes a file and returns its path.
  std::string put(const std::string& name, std::span<const std::uint8_t> bytes) const;

 private:
  std::filesystem::path root_;
};

// A webcam-like 640x480 picture of a part of a photo, the face about 180 pixels tall.
enum class Scene {
  woman_monday,   // sample1, the woman on the right
  woman_tuesday,  // sample3, the same woman in the middle
  man,            // sample1, somebody else
  stranger,       // sample5, somebody else
  two_people,
  nobody,
};
[[nodiscard]] cv::Mat scene(Scene which);
[[nodiscard]] cv::Mat photo(const std::string& name);
[[nodiscard]] Blob encoded(const cv::Mat& bgr, const std::string& extension);
[[nodiscard]] Blob bytes_of(const std::string& path);
[[nodiscard]] Fd open_file(const std::string& path);

[[nodiscard]] Analyser& analyser();

template <std::size_t n>
[[nodiscard]] double distance(const std::array<float, n>& a, const std::array<float, n>& b) {
  return cv::norm(cv::Mat(1, static_cast<int>(n), CV_32F, const_cast<float*>(a.data())),
                  cv::Mat(1, static_cast<int>(n), CV_32F, const_cast<float*>(b.data())));
}

}  // namespace faceauth::vision
