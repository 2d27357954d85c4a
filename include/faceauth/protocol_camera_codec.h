// The codec of what people are shown of cameras: cameras, preview. Include protocol.h, not this.
#pragma once

namespace faceauth::wire {

inline void encode(Writer& w, const View& m) noexcept {
  detail::put_enum(w, m.issue);
  w.u8(m.faces);
  for (const float v : m.box) w.f32(v);
  w.f32(m.yaw_deg);
  w.f32(m.pitch_deg);
  w.f32(m.brightness);
}
inline bool decode(Reader& r, View& m) noexcept {
  m.issue = detail::get_enum<FaceIssue>(r, kFaceIssueLast);
  m.faces = r.u8();
  for (float& v : m.box) v = r.f32();
  m.yaw_deg = r.f32();
  m.pitch_deg = r.f32();
  m.brightness = r.f32();
  return r.complete();
}

inline void encode(Writer& w, const CameraInfo& m) noexcept {
  detail::put(w, m.path, limits::kTtyMax);
  detail::put(w, m.name, limits::kLabelMax);
  detail::put(w, m.driver, limits::kLabelMax);
  detail::put(w, m.bus, limits::kLabelMax);
  detail::put(w, m.usb_id, limits::kLabelMax);
  detail::put(w, m.serial, limits::kLabelMax);
  for (const std::uint32_t format : m.formats) w.u32(format);
  w.flag(m.infrared);
  w.flag(m.is_virtual);
  w.flag(m.removable);
  w.flag(m.trusted);
  w.flag(m.chosen);
  detail::put_enum(w, m.use);
  detail::put(w, m.why, limits::kDetailMax);
}
inline bool decode(Reader& r, CameraInfo& m) noexcept {
  m.path = detail::get(r, limits::kTtyMax);
  m.name = detail::get(r, limits::kLabelMax);
  m.driver = detail::get(r, limits::kLabelMax);
  m.bus = detail::get(r, limits::kLabelMax);
  m.usb_id = detail::get(r, limits::kLabelMax);
  m.serial = detail::get(r, limits::kLabelMax);
  for (std::uint32_t& format : m.formats) format = r.u32();
  m.infrared = r.flag();
  m.is_virtual = r.flag();
  m.removable = r.flag();
  m.trusted = r.flag();
  m.chosen = r.flag();
  m.use = detail::get_enum<CameraUse>(r, kCameraUseLast);
  m.why = detail::get(r, limits::kDetailMax);
  return r.complete();
}

}  // namespace faceauth::wire
