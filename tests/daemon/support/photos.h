// Webcam-like pictures cut from the demo's photos (./dev setup fetches them).
#pragma once

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <string>

namespace faceauth::test {

// 640x480 with the face of `box` (pixels of the photo) in the middle, 200 pixels tall, surroundings included.
inline void cut(const std::string& photo, cv::Rect box, const std::string& out) {
  const cv::Mat whole = cv::imread(photo);
  const double scale = 200.0 / box.height;
  const cv::Size view(static_cast<int>(640 / scale), static_cast<int>(480 / scale));
  const cv::Point corner(box.x + box.width / 2 - view.width / 2, box.y + box.height / 2 - view.height / 2);
  const cv::Rect wanted(corner, view), there = wanted & cv::Rect({}, whole.size());
  cv::Mat frame;
  cv::copyMakeBorder(whole(there), frame, there.y - wanted.y, wanted.br().y - there.br().y, there.x - wanted.x,
                     wanted.br().x - there.br().x, cv::BORDER_REPLICATE);
  cv::resize(frame, frame, {640, 480}, 0, 0, cv::INTER_AREA);
  cv::imwrite(out, frame, {cv::IMWRITE_JPEG_QUALITY, 92});
}

}  // namespace faceauth::test
