// The eye's life after start: requests from the link in, sights out.
#pragma once

#include <faced/vision/analyser.h>
#include <faced/vision/capture.h>
#include <faced/vision/inbox.h>
#include <faced/vision/link.h>

#include <optional>

namespace faceauth::vision {

// Three threads: the caller's reads the link and answers at once, one analyses, one reads the camera while it is open.
class Service {
 public:
  Service(Link link, Analyser analyser) : link_(std::move(link)), analyser_(std::move(analyser)) {}

  // Greets the keeper and serves until it closes the link. Errors: protocol, io: the link cannot be used any longer.
  [[nodiscard]] Result<void> run();

 private:
  Result<void> serve();
  Result<void> handle(Packet packet);
  Result<void> open_camera(Reader& body, std::vector<Fd> files);
  Result<void> encode_image(Reader& body, std::vector<Fd> files);
  void analyse_all();
  void perform(const PictureJob& job);
  void perform(const FrameJob& job);

  Link link_;
  Analyser analyser_;  // the analysing thread's alone while run() serves
  Inbox inbox_;
  std::optional<Capture> capture_;
  std::uint32_t session_ = 0;
};

}  // namespace faceauth::vision
