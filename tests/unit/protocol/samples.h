// One filled message of every kind, for each codec.
#pragma once

#include <faced/vision_link/eye_protocol.h>

#include <faceauth/protocol.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace faceauth::test {

inline wire::Text text(std::string_view s) { return {s.data(), s.size()}; }

inline constexpr std::uint8_t kChunk[] = {0, 1, 2, 255};

inline auto wire_samples() {
  wire::ListTemplate one_template{
      {1, 2, 3, 4, 5, 6, 7, 8}, text("desk"), text("fr_feature:0123"), text("photo"), 1'700'000'000};
  wire::StatusResult status;
  status.version = text("0.1.0");
  status.camera = text("/dev/video0");
  status.ready = status.counted = true;
  status.models[0] = text("a:1");
  status.models[3] = text("d:4");
  status.users = 1000;
  status.templates = 3000;
  status.bytes = 1u << 30;
  status.eye_pid = 4242;
  status.eye_restarts = 2;
  status.faces_off = true;
  wire::LogEntry log_entry{42, true, AuditKind::lockout, 1'700'000'000, {9, 8, 7}, text("alice"), 1000, 0, 4242};
  log_entry.service = text("sudo");
  log_entry.tty = text("pts/1");
  log_entry.rhost = text("host.example");
  log_entry.verdict = Verdict::no_match;
  log_entry.outcome = Errc::locked_out;
  log_entry.skipped = 3;
  wire::CameraInfo camera{text("/dev/video0"), text("Integrated Camera"), text("uvcvideo"),
                          text("usb-1"),       text("04f2:b6d9"),         text("0001"),
                          {0x47504a4d}};
  camera.infrared = camera.removable = camera.chosen = true;
  camera.use = wire::CameraUse::ours;
  camera.why = text("the lid is closed");
  wire::ImportTemplate import_template{text("alice"), text("desk"), 1'700'000'000};
  import_template.dlib[0] = 0.25F;
  import_template.dlib[127] = -0.5F;
  return std::tuple{
      wire::AuthBegin{text("alice"), text("sudo"), text("tty1"), text("host.example"), Factors::face_and_password,
                      Intent::gesture, 5000, true, false, true},
      wire::Answer{wire::Answers::password, text("s3cret")},
      wire::Report{text("alice"), text("s3cret"), true},
      wire::ProvePassword{text("alice"), text("s3cret")},
      wire::SetPassword{text("alice"), text("s3cret"), true},
      wire::EnrollBegin{text("alice"), text("desk"), true, true, text("s3cret"), true, true},
      wire::VerifyBegin{text("alice"), true, text("s3cret"), 3000},
      wire::IdentifyBegin{3000},
      wire::ListBegin{text("alice")},
      wire::Remove{text("alice"), text("desk")},
      wire::UserOnly{text("alice")},
      wire::Empty{},
      wire::Ack{4950},
      wire::Ask{wire::Asks::enter, text("sudo apt upgrade")},
      wire::NoticeBody{wire::Notice::frame_issue, kFaceIssueLast, 3},
      wire::VerdictBody{Verdict::match, text("alice"), true, text("a face was registered")},
      wire::Reported{Errc::wrong_password, text("a face was registered")},
      wire::ImageResult{FaceIssue::blurred},
      wire::VerifyResult{text("alice"), Verdict::match, text("all agree"), true, 0.4F, 0.9F, true, 0.97F, 7, 812, 0.3F,
                         0.6F, 0.5F, wire::Obstacle::switched_off},
      wire::IdentifyResult{text("alice"), Verdict::match, true, 0.25F},
      wire::ListUser{text("alice"), 1000, true, true, 3, 1'700'000'000, 2},
      one_template,
      status,
      wire::Failure{Errc::busy, text("try again shortly")},
      wire::LogBegin{text("alice"), text("sudo"), 1'700'000'000, true},
      log_entry,
      wire::LogCheck{false, 7, 1, 20, 6, {1, 2, 3}},
      wire::Rekey{true, true, {4, 5, 6}},
      wire::Rekeyed{wire::RekeyOutcome::pending, text("faceauth.key")},
      wire::BackupBegin{text("s3cret")},
      wire::BackupChunk{{kChunk, sizeof kChunk}},
      import_template,
      wire::RestoreBegin{2, true, true, {kChunk, sizeof kChunk}, text("s3cret")},
      wire::RestoreChunk{true, {kChunk, sizeof kChunk}},
      wire::RestoreResult{3, 9, 1, 2},
      camera,
      wire::View{FaceIssue::blurred, 2, {1, 2, 3, 4}, -5, 6, 127},
  };
}

inline Sight sample_sight(bool encoded) {
  Sight s;
  s.issue = FaceIssue::too_dark;
  s.faces = 1;
  s.box = {1, 2, 3, 4};
  s.quality = {120, 80, 90, -5, 3, 1};
  s.encoded = encoded;
  s.liveness_measured = true;
  s.liveness = 0.5F;
  s.eyes = {5, 6};
  s.liveness_near = 0.75F;
  s.surroundings = 0.9F;
  s.eyes_open = 0.25F;
  s.fingerprint = 0x0123456789abcdef;
  s.emitter = 0.5F;
  if (!encoded) return s;
  for (std::size_t i = 0; i < s.encodings.dlib.size(); ++i) s.encodings.dlib[i] = static_cast<float>(i) / 128;
  for (std::size_t i = 0; i < s.encodings.feature.size(); ++i) s.encodings.feature[i] = -static_cast<float>(i) / 512;
  return s;
}

inline auto eye_samples() {
  eye::Ready ready;
  std::memcpy(ready.dlib.data(), "dlib:0123456789abcdef", 21);
  std::memcpy(ready.detector.data(), "detector:0123456789abcdef", 25);
  return std::tuple{eye::OpenCamera{eye::Source::clip, 25, true, false, true, true},
                    eye::EncodeImage{true},
                    eye::Ping{0xdeadbeef},
                    eye::WorkerDied{11},
                    ready,
                    eye::Frame{8, 123'456'789, sample_sight(true)},
                    eye::Frame{9, 123'456'790, sample_sight(false)},
                    eye::CameraFailed{Errc::camera_unavailable, {"unplugged"}},
                    eye::Image{sample_sight(true)}};
}

// The bytes of a body; empty when it was refused (or has none).
template <class Body>
std::vector<std::uint8_t> bytes_of(const Body& body) {
  std::uint8_t out[8192];
  Writer w(out, sizeof out);
  encode(w, body);  // by argument-dependent lookup: either codec
  return {out, out + w.size()};
}

template <class Body>
bool decodes(const std::vector<std::uint8_t>& bytes, Body& out) {
  Reader r(bytes.data(), bytes.size());
  return decode(r, out);
}
template <class Body>
bool decodes(const std::vector<std::uint8_t>& bytes) {
  Body out;
  return decodes(bytes, out);
}

// f(sample) for each.
template <class Samples, class F>
void each(const Samples& samples, F f) {
  std::apply([&](const auto&... one) { (f(one), ...); }, samples);
}

}  // namespace faceauth::test
