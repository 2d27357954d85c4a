// Webcam-like pictures cut from the demo's photos (./dev setup fetches them).
#pragma once

#include <tests/support/built.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <string>

namespace faceauth::test {

// One view: `region` of the photo (4:3, one person in it) at 640x480.
inline void cut(const std::string& photo, cv::Rect region, const std::string& out) {
  cv::Mat frame;
  cv::resize(cv::imread(photo)(region), frame, {640, 480}, 0, 0, cv::INTER_AREA);
  cv::imwrite(out, frame, {cv::IMWRITE_JPEG_QUALITY, 92});
}

// The same woman in two photos, and somebody else.
inline const std::string kOwnerPhoto = built::photo("sample3.jpg"), kOtherPhoto = built::photo("sample1.jpg");
inline const cv::Rect kOwnerEnrols(830, 120, 680, 510), kOwnerLogsIn(1251, 80, 640, 480), kStranger(150, 200, 640, 480);

}  // namespace faceauth::test
