// One small ONNX network on OpenCV's DNN module, from memory that was verified.
#pragma once

#include <faced/vision/models.h>

#include <opencv2/dnn.hpp>

namespace faceauth::vision {

// Throws cv::Exception when the bytes are no network OpenCV can run.
[[nodiscard]] cv::dnn::Net load_onnx(const ModelFile& model);

}  // namespace faceauth::vision
