// Inline definitions of protocol.h's codec. Include protocol.h, not this.
#pragma once

namespace faceauth::wire {

namespace detail {

inline void put(Writer& w, Text t, std::size_t max) noexcept {
  w.blob({reinterpret_cast<const std::uint8_t*>(t.data), t.size}, max);
}
inline Text get(Reader& r, std::size_t max) noexcept {
  const Bytes b = r.blob(max);
  if (b.size == 0) return {};
  if (std::memchr(b.data, 0, b.size) != nullptr) r.invalidate();
  return {reinterpret_cast<const char*>(b.data), b.size};
}
template <class E>
void put_enum(Writer& w, E e) noexcept {
  w.u8(static_cast<std::uint8_t>(e));
}
template <class E>
E get_enum(Reader& r, std::uint8_t last) noexcept {
  return static_cast<E>(r.upto(last));
}

}  // namespace detail

inline void encode(Writer& w, const AuthBegin& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put(w, m.service, limits::kServiceMax);
  detail::put(w, m.tty, limits::kTtyMax);
  detail::put(w, m.rhost, limits::kHostMax);
  detail::put_enum(w, m.factors);
  detail::put_enum(w, m.intent);
  w.u32(m.timeout_ms);
  w.flag(m.password_at_hand);
  w.flag(m.may_prompt);
  w.flag(m.may_tell);
}
inline bool decode(Reader& r, AuthBegin& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.service = detail::get(r, limits::kServiceMax);
  m.tty = detail::get(r, limits::kTtyMax);
  m.rhost = detail::get(r, limits::kHostMax);
  m.factors = detail::get_enum<Factors>(r, kFactorsLast);
  m.intent = detail::get_enum<Intent>(r, kIntentLast);
  m.timeout_ms = r.u32();
  m.password_at_hand = r.flag();
  m.may_prompt = r.flag();
  m.may_tell = r.flag();
  return r.complete();
}

inline void encode(Writer& w, const Answer& m) noexcept {
  detail::put_enum(w, m.kind);
  detail::put(w, m.password, limits::kPasswordMax);
}
inline bool decode(Reader& r, Answer& m) noexcept {
  m.kind = detail::get_enum<Answers>(r, kAnswersLast);
  m.password = detail::get(r, limits::kPasswordMax);
  return r.complete();
}

namespace detail {
template <class M>
void put_user_password(Writer& w, const M& m) noexcept {
  put(w, m.user, limits::kUserNameMax);
  put(w, m.password, limits::kPasswordMax);
}
template <class M>
void get_user_password(Reader& r, M& m) noexcept {
  m.user = get(r, limits::kUserNameMax);
  m.password = get(r, limits::kPasswordMax);
}
}  // namespace detail

inline void encode(Writer& w, const Report& m) noexcept {
  detail::put_user_password(w, m);
  w.flag(m.may_tell);
}
inline bool decode(Reader& r, Report& m) noexcept {
  detail::get_user_password(r, m);
  m.may_tell = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const ProvePassword& m) noexcept { detail::put_user_password(w, m); }
inline bool decode(Reader& r, ProvePassword& m) noexcept {
  detail::get_user_password(r, m);
  return r.complete();
}
inline void encode(Writer& w, const SetPassword& m) noexcept {
  detail::put_user_password(w, m);
  w.flag(m.keep_in_step);
}
inline bool decode(Reader& r, SetPassword& m) noexcept {
  detail::get_user_password(r, m);
  m.keep_in_step = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const Ack& m) noexcept { w.u32(m.within_ms); }
inline bool decode(Reader& r, Ack& m) noexcept {
  m.within_ms = r.u32();
  return r.complete();
}

inline void encode(Writer& w, const EnrollBegin& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put(w, m.label, limits::kLabelMax);
  w.flag(m.force);
  w.flag(m.has_password);
  detail::put(w, m.password, limits::kPasswordMax);
  w.flag(m.guided);
  w.flag(m.live);
}
inline bool decode(Reader& r, EnrollBegin& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.label = detail::get(r, limits::kLabelMax);
  m.force = r.flag();
  m.has_password = r.flag();
  m.password = detail::get(r, limits::kPasswordMax);
  m.guided = r.flag();
  m.live = r.flag();
  return r.complete();
}

inline void encode(Writer& w, const VerifyBegin& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  w.flag(m.has_password);
  detail::put(w, m.password, limits::kPasswordMax);
  w.u32(m.timeout_ms);
}
inline bool decode(Reader& r, VerifyBegin& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.has_password = r.flag();
  m.password = detail::get(r, limits::kPasswordMax);
  m.timeout_ms = r.u32();
  return r.complete();
}

inline void encode(Writer& w, const IdentifyBegin& m) noexcept { w.u32(m.timeout_ms); }
inline bool decode(Reader& r, IdentifyBegin& m) noexcept {
  m.timeout_ms = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const ListBegin& m) noexcept { detail::put(w, m.user, limits::kUserNameMax); }
inline bool decode(Reader& r, ListBegin& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  return r.complete();
}
inline void encode(Writer& w, const Remove& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put(w, m.label, limits::kLabelMax);
}
inline bool decode(Reader& r, Remove& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.label = detail::get(r, limits::kLabelMax);
  return r.complete();
}
inline void encode(Writer& w, const UserOnly& m) noexcept { detail::put(w, m.user, limits::kUserNameMax); }
inline bool decode(Reader& r, UserOnly& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  return r.complete();
}
inline void encode(Writer&, const Empty&) noexcept {}
inline bool decode(Reader& r, Empty&) noexcept { return r.complete(); }

inline void encode(Writer& w, const Ask& m) noexcept {
  detail::put_enum(w, m.kind);
  detail::put(w, m.asker, kAskerMax);
}
inline bool decode(Reader& r, Ask& m) noexcept {
  m.kind = detail::get_enum<Asks>(r, kAsksLast);
  m.asker = detail::get(r, kAskerMax);
  return r.complete();
}
inline void encode(Writer& w, const NoticeBody& m) noexcept {
  detail::put_enum(w, m.code);
  w.u8(m.detail);
  w.u8(m.total);
}
inline bool decode(Reader& r, NoticeBody& m) noexcept {
  m.code = detail::get_enum<Notice>(r, kNoticeLast);
  m.detail = r.u8();
  m.total = r.u8();
  if (m.code == Notice::scanning && m.detail > kTypingLast) r.invalidate();
  if (m.code == Notice::frame_issue && m.detail > kFaceIssueLast) r.invalidate();
  if (m.code == Notice::movement && m.detail > kMovementLast) r.invalidate();
  return r.complete();
}
inline void encode(Writer& w, const VerdictBody& m) noexcept {
  detail::put_enum(w, m.verdict);
  detail::put(w, m.user, limits::kUserNameMax);
  w.flag(m.judged);
  detail::put(w, m.news, kNewsMax);
}
inline bool decode(Reader& r, VerdictBody& m) noexcept {
  m.verdict = detail::get_enum<Verdict>(r, kVerdictLast);
  m.user = detail::get(r, limits::kUserNameMax);
  m.judged = r.flag();
  m.news = detail::get(r, kNewsMax);
  return r.complete();
}
inline void encode(Writer& w, const Reported& m) noexcept {
  detail::put_enum(w, m.outcome);
  detail::put(w, m.news, kNewsMax);
}
inline bool decode(Reader& r, Reported& m) noexcept {
  m.outcome = detail::get_enum<Errc>(r, kErrcLast);
  m.news = detail::get(r, kNewsMax);
  return r.complete();
}
inline void encode(Writer& w, const ImageResult& m) noexcept { detail::put_enum(w, m.issue); }
inline bool decode(Reader& r, ImageResult& m) noexcept {
  m.issue = detail::get_enum<FaceIssue>(r, kFaceIssueLast);
  return r.complete();
}

inline void encode(Writer& w, const VerifyResult& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put_enum(w, m.verdict);
  detail::put(w, m.reason, limits::kDetailMax);
  w.flag(m.scored);
  w.f32(m.distance);
  w.f32(m.threshold);
  w.flag(m.liveness_measured);
  w.f32(m.liveness);
  w.u32(m.frames);
  w.u32(m.elapsed_ms);
  w.f32(m.dlib);
  w.f32(m.dlib_threshold);
  w.f32(m.liveness_least);
  detail::put_enum(w, m.obstacle);
}
inline bool decode(Reader& r, VerifyResult& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.verdict = detail::get_enum<Verdict>(r, kVerdictLast);
  m.reason = detail::get(r, limits::kDetailMax);
  m.scored = r.flag();
  m.distance = r.f32();
  m.threshold = r.f32();
  m.liveness_measured = r.flag();
  m.liveness = r.f32();
  m.frames = r.u32();
  m.elapsed_ms = r.u32();
  m.dlib = r.f32();
  m.dlib_threshold = r.f32();
  m.liveness_least = r.f32();
  m.obstacle = detail::get_enum<Obstacle>(r, kObstacleLast);
  return r.complete();
}
inline void encode(Writer& w, const IdentifyResult& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put_enum(w, m.verdict);
  w.flag(m.scored);
  w.f32(m.margin);
}
inline bool decode(Reader& r, IdentifyResult& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.verdict = detail::get_enum<Verdict>(r, kVerdictLast);
  m.scored = r.flag();
  m.margin = r.f32();
  return r.complete();
}
inline void encode(Writer& w, const ListUser& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  w.u32(m.uid);
  w.flag(m.has_password);
  w.flag(m.disabled);
  w.u32(m.failures);
  w.u64(m.locked_until);
  w.u32(m.templates);
}
inline bool decode(Reader& r, ListUser& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.uid = r.u32();
  m.has_password = r.flag();
  m.disabled = r.flag();
  m.failures = r.u32();
  m.locked_until = r.u64();
  m.templates = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const ListTemplate& m) noexcept {
  w.raw(m.id, sizeof m.id);
  detail::put(w, m.label, limits::kLabelMax);
  detail::put(w, m.model, limits::kLabelMax);
  detail::put(w, m.source, limits::kLabelMax);
  w.u64(m.created);
}
inline bool decode(Reader& r, ListTemplate& m) noexcept {
  r.raw(m.id, sizeof m.id);
  m.label = detail::get(r, limits::kLabelMax);
  m.model = detail::get(r, limits::kLabelMax);
  m.source = detail::get(r, limits::kLabelMax);
  m.created = r.u64();
  return r.complete();
}
inline void encode(Writer& w, const StatusResult& m) noexcept {
  detail::put(w, m.version, limits::kLabelMax);
  detail::put(w, m.camera, limits::kDetailMax);
  w.flag(m.ready);
  for (const Text& t : m.models) detail::put(w, t, limits::kLabelMax);
  w.flag(m.counted);
  w.u64(m.users);
  w.u64(m.templates);
  w.u64(m.bytes);
  w.u32(m.eye_pid);
  w.u32(m.eye_restarts);
  w.flag(m.faces_off);
}
inline bool decode(Reader& r, StatusResult& m) noexcept {
  m.version = detail::get(r, limits::kLabelMax);
  m.camera = detail::get(r, limits::kDetailMax);
  m.ready = r.flag();
  for (Text& t : m.models) t = detail::get(r, limits::kLabelMax);
  m.counted = r.flag();
  m.users = r.u64();
  m.templates = r.u64();
  m.bytes = r.u64();
  m.eye_pid = r.u32();
  m.eye_restarts = r.u32();
  m.faces_off = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const Failure& m) noexcept {
  detail::put_enum(w, m.code);
  detail::put(w, m.detail, limits::kDetailMax);
}
inline bool decode(Reader& r, Failure& m) noexcept {
  m.code = detail::get_enum<Errc>(r, kErrcLast);
  m.detail = detail::get(r, limits::kDetailMax);
  return r.complete();
}

template <class Body>
std::size_t encode_frame(std::uint8_t (&out)[limits::kFrameMax], Type type, const Nonce& nonce,
                         const Body& body) noexcept {
  Writer w(out + kHeaderSize, kBodyMax);
  encode(w, body);
  if (!w.good()) return 0;
  Writer head(out, kHeaderSize);
  head.u32(static_cast<std::uint32_t>(kHeaderSize - kSizeField + w.size()));
  head.u8(kVersion);
  detail::put_enum(head, type);
  head.u16(0);
  head.raw(nonce.bytes, kNonceSize);
  return kHeaderSize + w.size();
}

inline bool decode_header(const std::uint8_t (&in)[kHeaderSize], Header& out) noexcept {
  Reader r(in, kHeaderSize);
  const std::size_t size = r.u32();
  const std::uint8_t version = r.u8();
  const std::uint8_t type = r.u8();
  const std::uint16_t reserved = r.u16();
  r.raw(out.nonce.bytes, kNonceSize);
  if (!r.complete() || version != kVersion || reserved != 0) return false;
  if (size < kHeaderSize - kSizeField || size > limits::kFrameMax - kSizeField) return false;
  out.type = static_cast<Type>(type);
  out.body_size = size - (kHeaderSize - kSizeField);
  return true;
}

}  // namespace faceauth::wire

#include <faceauth/protocol_camera_codec.h>
#include <faceauth/protocol_upkeep_codec.h>
