#include <faced/vision/opencv_net.h>

namespace faceauth::vision {

cv::dnn::Net load_onnx(const ModelFile& model) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(model.bytes.data(), model.bytes.size());
  net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
  net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  return net;
}

}  // namespace faceauth::vision
