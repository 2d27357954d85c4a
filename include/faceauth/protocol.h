// The protocol between the clients (pam_faceauth.so, enroll-tool) and the keeper, over one Unix stream socket.
// docs/PROTOCOL.md tells the same as prose; change both together. It says when kVersion is raised.
//
// A frame is   u32 size | u8 version | u8 type | u16 zero | 16-byte nonce | body
// where size counts everything after itself. Little-endian; at most limits::kFrameMax bytes in all.
// The client draws one random nonce per request; every answer to that request carries it. One request at a time
// per connection. Text is a u16 length and bytes without NUL. This header is libc-only: the PAM module uses it.
#pragma once

#include <faceauth/audit.h>
#include <faceauth/bytes.h>
#include <faceauth/errc.h>
#include <faceauth/limits.h>
#include <faceauth/movement.h>
#include <faceauth/verdict.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace faceauth::wire {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kNonceSize = 16;
inline constexpr std::size_t kSizeField = 4;
inline constexpr std::size_t kHeaderSize = kSizeField + 4 + kNonceSize;
inline constexpr std::size_t kBodyMax = limits::kFrameMax - kHeaderSize;

enum class Type : std::uint8_t {
  // client -> keeper
  auth_begin = 1,        // PAM: judge the user for a service. Answers: ack, then ask/notice, then verdict
  answer = 2,            // to an ask
  report = 3,            // PAM: another module accepted this password. Answers: ack, reported | failure
  prove_password = 4,    // this connection's user knows the password of `user`. Answers: ack, done | failure
  set_password = 5,      // Answers: ack, done | failure
  enroll_begin = 6,      // Answers: ack; image* (image_result each), finish; (notice, picture, view)*; done | failure
  verify_begin = 7,      // Answers: ack; likewise image* and finish; notice*; verify_result | failure
  identify_begin = 8,    // Answers: ack; likewise image* and finish; notice*; identify_result | failure
  image = 9,             // carries exactly one file descriptor. Answers: image_result | failure
  finish = 10,           // no image before it means: use the camera. After news: it was shown
  list = 11,             // Answers: ack; (list_user list_template*)*; done | failure
  remove = 12,           // Answers: ack; done | failure
  unlock = 13,           // likewise
  disable = 14,          // likewise
  enable = 15,           // likewise
  status = 16,           // Answers: ack; status_result
  log = 17,              // Answers: ack; log_entry*; done | failure
  log_verify = 18,       // Answers: ack; log_check | failure
  rekey = 19,            // Answers: ack; rekeyed | failure
  backup = 20,           // Answers: ack; backup_chunk*, the first of them the file's head; done | failure
  restore = 21,          // Answers: ack; (restore_more, restore_chunk)*; restore_result | failure
  restore_chunk = 22,    // to a restore_more
  cameras = 23,          // Answers: ack; camera*; done | failure
  preview_begin = 24,    // Answers: ack; picture; view*; done | failure. Hanging up ends it
  import_template = 25,  // root: one dlib encoding of another program's. Answers: ack; done | failure
  auth_identify = 26,    // root: auth_begin without a user. A match names who is there; nothing else names anybody

  // keeper -> client
  ack = 64,  // the request is understood and permitted; sent within limits::kAckWithinMs
  ask = 65,
  notice = 66,
  verdict = 67,
  image_result = 68,
  verify_result = 69,
  identify_result = 70,
  list_user = 71,
  list_template = 72,
  status_result = 73,
  done = 74,
  failure = 75,
  log_entry = 76,
  log_check = 77,
  rekeyed = 78,
  backup_chunk = 79,
  restore_more = 80,
  restore_result = 81,
  reported = 82,
  camera = 83,
  picture = 84,  // carries exactly one file descriptor: the memory of faceauth/picture.h
  view = 85,
};

struct Nonce {
  std::uint8_t bytes[kNonceSize] = {};
  friend bool operator==(const Nonce& a, const Nonce& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, kNonceSize) == 0;
  }
};

// Borrowed text: points into the frame it was decoded from, or at what the sender keeps alive while encoding.
struct Text {
  const char* data = "";
  std::size_t size = 0;
};

struct Header {
  Type type{};
  Nonce nonce;
  std::size_t body_size = 0;
};

// ---- bodies. Each has encode(Writer&, const T&) and bool decode(Reader&, T&); decode fails on anything left over.

enum class Asks : std::uint8_t {
  password = 0,
  enter = 1
};  // enter: Enter starts the scan, anything typed is a password
inline constexpr std::uint8_t kAsksLast = 1;
inline constexpr std::size_t kAskerMax = 200, kNewsMax = 200;
enum class Answers : std::uint8_t { refused = 0, password = 1, enter = 2 };  // refused: no conversation, or it failed
inline constexpr std::uint8_t kAnswersLast = 2;

// What becomes of a password that the person types while a login looks for his face. With not_offered it is needed
// anyway, before the face.
enum class Typing : std::uint8_t { next_module = 0, judged_here = 1, not_offered = 2 };
inline constexpr std::uint8_t kTypingLast = 2;

// What to tell a person; the client owns the words.
enum class Notice : std::uint8_t {
  scanning = 0,          // the camera is on. detail of a login: Typing
  frame_issue = 1,       // detail: FaceIssue
  template_taken = 2,    // enrolment by camera: detail = number taken so far, of `total`
  weak_liveness = 3,     // enrolment by camera with liveness off
  movement = 4,          // detail: Movement, what the person is to do now
  templates_stored = 5,  // enrolment: detail = templates made of `total` views
  somebody_else = 6,     // enrolment: photo `detail` of `total`, counted from 1, shows another person
  other_user = 7,        // enrolment by force: the face also passes for another user
  pose = 8,              // guided enrolment: detail = Pose, how to hold the head for the next picture
};
inline constexpr std::uint8_t kNoticeLast = 8;

struct AuthBegin {
  Text user, service, tty, rhost;
  Factors factors = Factors::unset;  // module options, ANDed with the service's policy
  Intent intent = Intent::unset;
  std::uint32_t timeout_ms = 0;   // 0: the keeper's own
  bool password_at_hand = false;  // an earlier module left PAM_AUTHTOK: ask for the password first
  bool may_prompt = true;         // use_first_pass: never ask a person
  bool may_tell = false;          // what the verdict tells besides reaches a person
};
struct Answer {
  Answers kind = Answers::refused;
  Text password;
};
struct Report {
  Text user, password;
  bool may_tell = false;  // as in auth_begin
};
struct ProvePassword {
  Text user, password;
};
// keep_in_step: PAM's chauthtok; not_found instead of giving a password to a user who has none stored.
struct SetPassword {
  Text user, password;
  bool keep_in_step = false;
};
// By camera. guided: through poses of the head. live: a view of every frame, and its picture for whoever may see it.
struct EnrollBegin {
  Text user, label;
  bool force = false;
  bool has_password = false;
  Text password;
  bool guided = false, live = false;
};
struct VerifyBegin {
  Text user;
  bool has_password = false;
  Text password;
  std::uint32_t timeout_ms = 0;
};
struct IdentifyBegin {
  std::uint32_t timeout_ms = 0;
};
struct ListBegin {
  Text user;
};  // empty: everybody
struct Remove {
  Text user, label;
};  // empty label: the user with all there is
struct UserOnly {
  Text user;
};                // unlock, disable, enable, cameras, preview_begin; empty user: all (disable, enable; root only)
struct Empty {};  // image, finish, status, log_verify, picture, restore_more, done

// Which entries of the ledger: of one user (empty: everybody's), from this time on, of one service, failures alone.
struct LogBegin {
  Text user, service;
  std::uint64_t since = 0;  // Unix seconds
  bool failed = false;
};

// How long the answer can take at most, time spent on asks apart. The client need not wait longer.
struct Ack {
  std::uint32_t within_ms = 0;
};

// asker: what the process that asks runs, for the person to recognise it; one line without control characters.
struct Ask {
  Asks kind = Asks::password;
  Text asker;
};
struct NoticeBody {
  Notice code = Notice::scanning;
  std::uint8_t detail = 0, total = 0;
};
// judged: a face or password was compared. news: with a match, one line without control characters that the person
// ought to read; mostly empty.
struct VerdictBody {
  Verdict verdict = Verdict::error;
  Text user;
  bool judged = false;
  Text news{};
};
// outcome: ok, or as a failure would say. The news is the person's in both cases: he is let in by another module.
struct Reported {
  Errc outcome = Errc::internal;
  Text news{};
};
struct ImageResult {
  FaceIssue issue = FaceIssue::none;
};
// What keeps this user's face from being tried, where the verdict's name leaves open who can change that.
enum class Obstacle : std::uint8_t {
  none = 0,            // or one that the verdict names
  faces_off = 1,       // switched off for everybody
  switched_off = 2,    // for this user
  failures = 3,        // off after too many: until a right password or `unlock`
  waits_for_scan = 4,  // all that is stored was imported, and no enrolment by camera has completed it
};
inline constexpr std::uint8_t kObstacleLast = 4;
struct VerifyResult {
  Text user;
  Verdict verdict = Verdict::error;
  Text reason;
  bool scored = false;                // the following three are zero unless the peer is root
  float distance = 0, threshold = 0;  // L2 between mean fr_feature encodings
  bool liveness_measured = false;
  float liveness = 0;  // 0..1, 1 = live
  std::uint32_t frames = 0, elapsed_ms = 0;
  float dlib = 0, dlib_threshold = 0;  // the second recogniser, which must agree; zero as above
  float liveness_least = 0;            // what a frame needs; 0 when liveness was not asked for
  Obstacle obstacle = Obstacle::none;
};
struct IdentifyResult {
  Text user;
  Verdict verdict = Verdict::error;
  bool scored = false;
  float margin = 0;
};
struct ListUser {
  Text user;
  std::uint32_t uid = 0;
  bool has_password = false, disabled = false;
  std::uint32_t failures = 0;
  std::uint64_t locked_until = 0;  // Unix seconds; 0 = not locked
  std::uint32_t templates = 0;     // list_template frames that follow
};
inline constexpr const char* kDlibOnly = "dlib-only";  // the model of an imported template that waits for a scan
struct ListTemplate {
  std::uint8_t id[8] = {};
  Text label, model, source;
  std::uint64_t created = 0;
};  // Unix seconds
struct StatusResult {
  Text version, camera;
  bool ready = false;
  Text models[4];
  bool counted = false;  // root only: the three store figures
  std::uint64_t users = 0, templates = 0, bytes = 0;
  std::uint32_t eye_pid = 0, eye_restarts = 0;  // pid 0: none runs
  bool faces_off = false;                       // for everybody
};
// has_key: for a store whose master key the keeper cannot replace itself, the new one, which root has sealed.
// settle: the key is one that opens the store already, and is to be the only one: ends a change that was left.
struct Rekey {
  bool has_key = false, settle = false;
  std::uint8_t key[32] = {};
};
enum class RekeyOutcome : std::uint8_t {
  settled = 0,     // the old key opens nothing any more
  key_needed = 1,  // nothing was done: the master key is the credential named
  pending = 2,     // both keys open the store until the keeper was started with the new one
};
inline constexpr std::uint8_t kRekeyOutcomeLast = 2;
struct Rekeyed {
  RekeyOutcome outcome = RekeyOutcome::settled;
  Text credential;
};
struct BackupBegin {
  Text passphrase;
};
struct BackupChunk {
  Bytes data;
};
struct RestoreBegin {
  std::uint8_t mode = 0;      // 0: only into a store without users, 1: keep who is registered, 2: replace everybody
  bool skip_unknown = false;  // leave out whom the system does not know
  bool adopt_uids = false;    // take who has another uid here for the same person
  Bytes head;                 // of the file
  Text passphrase;
};
inline constexpr std::uint8_t kRestoreModeLast = 2;
struct RestoreChunk {
  bool last = false;  // the file ends behind it
  Bytes data;
};
// Of Howdy: an encoding of dlib's network alone. It decides nothing until an enrolment by camera completes it.
struct ImportTemplate {
  Text user, label;
  std::uint64_t created = 0;  // Unix seconds
  float dlib[128] = {};
};
struct RestoreResult {
  std::uint64_t users = 0, templates = 0, kept = 0, left_out = 0;
};
struct LogEntry {
  std::uint64_t number = 0;
  bool readable = false;  // false: the record is damaged, and everything below is zero
  AuditKind kind = AuditKind::refused;
  std::uint64_t time = 0;  // Unix seconds
  std::uint8_t boot[16] = {};
  Text user;
  std::uint32_t user_uid = 0, peer_uid = 0, peer_pid = 0;  // uid ~0: unknown, or the daemon itself
  Text service, tty, rhost;
  Verdict verdict = Verdict::error;  // where has_verdict(kind)
  Errc outcome = Errc::ok;           // elsewhere
  std::uint32_t skipped = 0;         // like entries of this peer that were too many to be recorded
};
struct LogCheck {
  bool intact = false;
  std::uint64_t broken_at = 0;                     // the first entry that is missing or does not fit, when not intact
  std::uint64_t first = 0, next = 0, entries = 0;  // the numbers there are: [first, next)
  std::uint8_t head[32] = {};  // stands for the whole chain: noted elsewhere, it proves a later copy
};
enum class CameraUse : std::uint8_t { idle = 0, others = 1, ours = 2 };  // who streams from it
inline constexpr std::uint8_t kCameraUseLast = 2;
inline constexpr std::size_t kCameraFormatsMax = 32;

// One frame, as measured. box: x, y, width, height in pixels of the camera's frame.
struct View {
  FaceIssue issue = FaceIssue::no_face;
  std::uint8_t faces = 0;
  float box[4] = {};
  float yaw_deg = 0, pitch_deg = 0, brightness = 0;  // of faceauth::Quality
};

// A device as the keeper sees it. trusted: the configuration takes it; else `why` says what keeps it out.
struct CameraInfo {
  Text path, name, driver, bus, usb_id, serial;
  std::uint32_t formats[kCameraFormatsMax] = {};  // V4L2_PIX_FMT_*; 0: none follows
  bool infrared = false, is_virtual = false, removable = false, trusted = false;
  bool chosen = false;  // the one that a login would open now
  CameraUse use = CameraUse::idle;
  Text why{};
};
struct Failure {
  Errc code = Errc::internal;
  Text detail;
};

// ---- codec (protocol_codec.h has the bodies' inline definitions)

// Writes a whole frame; returns its size, or 0 when it does not fit or a field breaks a limit.
template <class Body>
std::size_t encode_frame(std::uint8_t (&out)[limits::kFrameMax], Type type, const Nonce& nonce,
                         const Body& body) noexcept;

// From the first kHeaderSize bytes. False: another version, nonzero reserved bits, or a size out of bounds.
bool decode_header(const std::uint8_t (&in)[kHeaderSize], Header& out) noexcept;

}  // namespace faceauth::wire

#include <faceauth/protocol_codec.h>
