// The private protocol between the keeper and the eye, over SOCK_SEQPACKET socketpairs: one packet, one message.
// A message is u8 type and a body of fixed layout, little-endian, at most kPacketMax bytes; file descriptors ride
// along as SCM_RIGHTS. Both sides come from one build, so there is no version: a mismatch is a broken install,
// caught by kBuildTag in `ready`. The keeper trusts nothing it reads here: every decode can fail, floats are
// checked to be finite.
//
// The link connects the keeper and the eye's first process, which sees no picture. With each piece of work the keeper
// passes one end of a new socketpair; the first process forks a worker that has this end and nothing else of the
// keeper. The worker answers there, so what it says can only concern its own work. Closing the other end ends the
// worker, and a worker's end is the end of its socket.
#pragma once

#include <faceauth/bytes.h>
#include <faceauth/errc.h>
#include <faceauth/limits.h>
#include <faceauth/sight.h>
#include <faceauth/verdict.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace faceauth::eye {

inline constexpr std::size_t kPacketMax = 4096;
inline constexpr std::uint32_t kBuildTag = 0xFA0E0005;
inline constexpr int kLinkFd = 3;  // the eye finds its end of the socketpair here
inline constexpr std::size_t kModelNameMax = 48;
inline constexpr std::size_t kReasonMax = 160;
inline constexpr std::uint64_t kTimeMaxNs = std::uint64_t{1} << 62;     // so that differences of two fit 64 signed bits
inline constexpr std::size_t kFilesMax = limits::kReplayFramesMax + 2;  // of one packet

enum class Type : std::uint8_t {
  // keeper -> eye
  open_camera = 1,   // + the worker's socket and the camera's or the replay files' descriptors
  encode_image = 2,  // + the worker's socket and the descriptor of an image file
  ping = 3,
  // the eye's first process -> keeper
  ready = 64,
  pong = 65,
  worker_died = 69,
  // worker -> keeper
  frame = 66,
  camera_failed = 67,  // the last one of its session
  image = 68,
};

enum class Source : std::uint8_t { v4l2 = 0, stills = 1, clip = 2 };

struct OpenCamera {
  Source source = Source::v4l2;
  float replay_fps = 30;  // 0: a frame as soon as one is asked for
  bool measure_liveness = false;
  bool encode = true;     // false: box, quality and issue only
  bool infrared = false;  // then frames that its emitter did not light are left out
  bool show = false;      // the last descriptor is memory for the pictures (faceauth/picture.h)
};
struct EncodeImage {
  bool measure_liveness = false;
};
struct Ping {
  std::uint32_t token = 0;
};
using Pong = Ping;

// Of a signal that nobody sent on purpose. A crash tells its maker about memory that all workers share the layout of.
struct WorkerDied {
  std::uint8_t signal = 0;
};

using ModelName = std::array<char, kModelNameMax>;  // "<file stem>:<first 16 hex digits of sha256>", zero-padded

struct Ready {
  std::uint32_t build_tag = kBuildTag;
  ModelName dlib{}, feature{}, liveness{}, detector{};
};

struct Frame {
  std::uint32_t sequence = 0;
  std::uint64_t captured_ns = 0;  // CLOCK_MONOTONIC; what a clock of 64 signed bits can show
  Sight sight;
};
struct CameraFailed {
  Errc code = Errc::camera_unavailable;
  std::array<char, kReasonMax> reason{};  // for the log, zero-padded; not to be trusted
};
struct Image {
  Sight sight;
};

namespace detail {
inline void put(Writer& w, const Sight& s) noexcept {
  w.u8(static_cast<std::uint8_t>(s.issue));
  w.u8(s.faces);
  for (float v : s.box) w.f32(v);
  for (float v : s.eyes) w.f32(v);
  const Quality& q = s.quality;
  for (float v : {q.face_height_px, q.sharpness, q.brightness, q.yaw_deg, q.pitch_deg, q.roll_deg}) w.f32(v);
  w.flag(s.encoded);
  w.flag(s.liveness_measured);
  for (float v : {s.liveness, s.liveness_near, s.surroundings, s.eyes_open}) w.f32(v);
  w.u64(s.fingerprint);
  w.f32(s.emitter);
  if (!s.encoded) return;
  for (float v : s.encodings.dlib) w.f32(v);
  for (float v : s.encodings.feature) w.f32(v);
}
inline float finite(Reader& r) noexcept {
  const float v = r.f32();
  if (!std::isfinite(v)) r.invalidate();
  return v;
}
// A part of one.
inline float share(Reader& r) noexcept {
  const float v = finite(r);
  if (!(v >= 0 && v <= 1)) r.invalidate();
  return v;
}
inline void get(Reader& r, Sight& s) noexcept {
  s.issue = static_cast<FaceIssue>(r.upto(kFaceIssueLast));
  s.faces = r.u8();
  for (float& v : s.box) v = finite(r);
  for (float& v : s.eyes) v = finite(r);
  Quality& q = s.quality;
  for (float* v : {&q.face_height_px, &q.sharpness, &q.brightness, &q.yaw_deg, &q.pitch_deg, &q.roll_deg})
    *v = finite(r);
  s.encoded = r.flag();
  s.liveness_measured = r.flag();
  for (float* v : {&s.liveness, &s.liveness_near, &s.surroundings, &s.eyes_open}) *v = share(r);
  s.fingerprint = r.u64();
  s.emitter = share(r);
  if (!s.encoded) return;
  for (float& v : s.encodings.dlib) v = finite(r);
  for (float& v : s.encodings.feature) v = finite(r);
}
}  // namespace detail

inline void encode(Writer& w, const OpenCamera& m) noexcept {
  w.u8(static_cast<std::uint8_t>(m.source));
  w.f32(m.replay_fps);
  w.flag(m.measure_liveness);
  w.flag(m.encode);
  w.flag(m.infrared);
  w.flag(m.show);
}
inline bool decode(Reader& r, OpenCamera& m) noexcept {
  m.source = static_cast<Source>(r.upto(2));
  m.replay_fps = detail::finite(r);
  m.measure_liveness = r.flag();
  m.encode = r.flag();
  m.infrared = r.flag();
  m.show = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const EncodeImage& m) noexcept { w.flag(m.measure_liveness); }
inline bool decode(Reader& r, EncodeImage& m) noexcept {
  m.measure_liveness = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const Ping& m) noexcept { w.u32(m.token); }
inline bool decode(Reader& r, Ping& m) noexcept {
  m.token = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const WorkerDied& m) noexcept { w.u8(m.signal); }
inline bool decode(Reader& r, WorkerDied& m) noexcept {
  m.signal = r.u8();
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
  w.u32(m.sequence);
  w.u64(m.captured_ns);
  detail::put(w, m.sight);
}
inline bool decode(Reader& r, Frame& m) noexcept {
  m.sequence = r.u32();
  m.captured_ns = r.u64();
  if (m.captured_ns > kTimeMaxNs) r.invalidate();
  detail::get(r, m.sight);
  return r.complete();
}
inline void encode(Writer& w, const CameraFailed& m) noexcept {
  w.u8(static_cast<std::uint8_t>(m.code));
  w.raw(m.reason.data(), m.reason.size());
}
inline bool decode(Reader& r, CameraFailed& m) noexcept {
  m.code = static_cast<Errc>(r.upto(kErrcLast));
  r.raw(m.reason.data(), m.reason.size());
  if (m.reason.back() != '\0') r.invalidate();
  return r.complete();
}
inline void encode(Writer& w, const Image& m) noexcept { detail::put(w, m.sight); }
inline bool decode(Reader& r, Image& m) noexcept {
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
