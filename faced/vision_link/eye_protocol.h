// The private protocol between the keeper and the eye, over a SOCK_SEQPACKET socketpair: one packet, one message.
// A message is u8 type and a body of fixed layout, little-endian, at most kPacketMax bytes; file descriptors ride
// along as SCM_RIGHTS. Both sides come from one build, so there is no version: a mismatch is a broken install,
// caught by kBuildTag in `ready`. The keeper trusts nothing it reads here: every decode can fail, floats are
// checked to be finite, and a failure ends that eye.
#pragma once

#include <faceauth/bytes.h>
#include <faceauth/errc.h>
#include <faceauth/sight.h>
#include <faceauth/verdict.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace faceauth::eye {

inline constexpr std::size_t kPacketMax = 4096;
inline constexpr std::uint32_t kBuildTag = 0xFA0E0001;
inline constexpr int kLinkFd = 3;  // the eye finds its end of the socketpair here
inline constexpr std::size_t kModelNameMax = 48;

enum class Type : std::uint8_t {
  // keeper -> eye
  open_camera = 1,  // + the camera's or the replay files' descriptors; replaces a camera that is open
  close_camera = 2,
  encode_image = 3,  // + one descriptor of an image file
  ping = 4,
  // eye -> keeper
  ready = 64,
  frame = 65,
  camera_failed = 66,
  image = 67,
  pong = 68,
};

enum class Source : std::uint8_t { v4l2 = 0, stills = 1, clip = 2 };

struct OpenCamera {
  std::uint32_t session = 0;  // echoed in every frame, so that frames of a closed session are told apart
  Source source = Source::v4l2;
  float replay_fps = 30;  // 0: a frame as soon as the last one was measured
  bool measure_liveness = false;
  bool encode = true;  // false: box, quality and issue only
};
struct CloseCamera {
  std::uint32_t session = 0;
};
struct EncodeImage {
  std::uint32_t request = 0;
  bool measure_liveness = false;
};
struct Ping {
  std::uint32_t token = 0;
};
using Pong = Ping;

using ModelName = std::array<char, kModelNameMax>;  // "<file stem>:<first 16 hex digits of sha256>", zero-padded

struct Ready {
  std::uint32_t build_tag = kBuildTag;
  ModelName dlib{}, feature{}, liveness{}, detector{};
};

struct Frame {
  std::uint32_t session = 0, sequence = 0;
  std::uint64_t captured_ns = 0;  // CLOCK_MONOTONIC
  Sight sight;
};
struct CameraFailed {
  std::uint32_t session = 0;
  Errc code = Errc::camera_unavailable;
};
struct Image {
  std::uint32_t request = 0;
  Sight sight;
};

namespace detail {
inline void put(Writer& w, const Sight& s) noexcept {
  w.u8(static_cast<std::uint8_t>(s.issue));
  w.u8(s.faces);
  for (float v : s.box) w.f32(v);
  const Quality& q = s.quality;
  for (float v : {q.face_height_px, q.sharpness, q.brightness, q.yaw_deg, q.pitch_deg, q.roll_deg}) w.f32(v);
  w.flag(s.encoded);
  w.flag(s.liveness_measured);
  w.f32(s.liveness);
  if (!s.encoded) return;
  for (float v : s.encodings.dlib) w.f32(v);
  for (float v : s.encodings.feature) w.f32(v);
}
inline float finite(Reader& r) noexcept {
  const float v = r.f32();
  if (!std::isfinite(v)) r.invalidate();
  return v;
}
inline void get(Reader& r, Sight& s) noexcept {
  s.issue = static_cast<FaceIssue>(r.upto(kFaceIssueLast));
  s.faces = r.u8();
  for (float& v : s.box) v = finite(r);
  Quality& q = s.quality;
  for (float* v : {&q.face_height_px, &q.sharpness, &q.brightness, &q.yaw_deg, &q.pitch_deg, &q.roll_deg})
    *v = finite(r);
  s.encoded = r.flag();
  s.liveness_measured = r.flag();
  s.liveness = finite(r);
  if (!s.encoded) return;
  for (float& v : s.encodings.dlib) v = finite(r);
  for (float& v : s.encodings.feature) v = finite(r);
}
}  // namespace detail

inline void encode(Writer& w, const OpenCamera& m) noexcept {
  w.u32(m.session);
  w.u8(static_cast<std::uint8_t>(m.source));
  w.f32(m.replay_fps);
  w.flag(m.measure_liveness);
  w.flag(m.encode);
}
inline bool decode(Reader& r, OpenCamera& m) noexcept {
  m.session = r.u32();
  m.source = static_cast<Source>(r.upto(2));
  m.replay_fps = detail::finite(r);
  m.measure_liveness = r.flag();
  m.encode = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const CloseCamera& m) noexcept { w.u32(m.session); }
inline bool decode(Reader& r, CloseCamera& m) noexcept {
  m.session = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const EncodeImage& m) noexcept {
  w.u32(m.request);
  w.flag(m.measure_liveness);
}
inline bool decode(Reader& r, EncodeImage& m) noexcept {
  m.request = r.u32();
  m.measure_liveness = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const Ping& m) noexcept { w.u32(m.token); }
inline bool decode(Reader& r, Ping& m) noexcept {
  m.token = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const Ready& m) noexcept {
  w.u32(m.build_tag);
  for (const ModelName* n : {&m.dlib, &m.feature, &m.liveness, &m.detector}) w.raw(n->data(), n->size());
}
inline bool decode(Reader& r, Ready& m) noexcept {
  m.build_tag = r.u32();
  for (ModelName* n : {&m.dlib, &m.feature, &m.liveness, &m.detector}) {
    r.raw(n->data(), n->size());
    if (n->back() != '\0') r.invalidate();
  }
  return r.complete() && m.build_tag == kBuildTag;
}
inline void encode(Writer& w, const Frame& m) noexcept {
  w.u32(m.session);
  w.u32(m.sequence);
  w.u64(m.captured_ns);
  detail::put(w, m.sight);
}
inline bool decode(Reader& r, Frame& m) noexcept {
  m.session = r.u32();
  m.sequence = r.u32();
  m.captured_ns = r.u64();
  detail::get(r, m.sight);
  return r.complete();
}
inline void encode(Writer& w, const CameraFailed& m) noexcept {
  w.u32(m.session);
  w.u8(static_cast<std::uint8_t>(m.code));
}
inline bool decode(Reader& r, CameraFailed& m) noexcept {
  m.session = r.u32();
  m.code = static_cast<Errc>(r.upto(kErrcLast));
  return r.complete();
}
inline void encode(Writer& w, const Image& m) noexcept {
  w.u32(m.request);
  detail::put(w, m.sight);
}
inline bool decode(Reader& r, Image& m) noexcept {
  m.request = r.u32();
  detail::get(r, m.sight);
  return r.complete();
}

// Writes type and body; returns the packet's size, 0 when it does not fit.
template <class Body>
std::size_t encode_packet(std::uint8_t (&out)[kPacketMax], Type type, const Body& body) noexcept {
  Writer w(out, kPacketMax);
  w.u8(static_cast<std::uint8_t>(type));
  encode(w, body);
  return w.size();
}

}  // namespace faceauth::eye
