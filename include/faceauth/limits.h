// Every bound of the product in one place. Times in milliseconds, sizes in bytes unless the name says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace faceauth::limits {

// Wire protocol
inline constexpr std::size_t kFrameMax = 4096;    // a whole frame, header included
inline constexpr std::size_t kUserNameMax = 255;  // shadow allows 32; directories (LDAP) allow more
inline constexpr std::size_t kServiceMax = 64;
inline constexpr std::size_t kTtyMax = 128;
inline constexpr std::size_t kHostMax = 255;
inline constexpr std::size_t kLabelMax = 64;
inline constexpr std::size_t kPasswordMax = 511;  // PAM_MAX_RESP_SIZE less its terminator
inline constexpr std::size_t kDetailMax = 512;

// Time
inline constexpr std::uint32_t kAckWithinMs = 500;  // the keeper acknowledges a request within this
inline constexpr std::uint32_t kConnectWithinMs = 250;
inline constexpr std::uint32_t kFirstFrameWithinMs = 2000;  // a connection that asks nothing is closed
inline constexpr std::uint32_t kConversationMs = 300'000;   // a person at a prompt
inline constexpr std::uint32_t kProofLastsMs = 300'000;     // of a password, on its connection
inline constexpr std::uint32_t kIdleWithinMs = 30'000;      // between two requests of one connection
inline constexpr std::uint32_t kImageWithinMs = 10'000;     // decoding and encoding one photo
inline constexpr std::uint32_t kEyeStartMs = 20'000;        // exec to ready, models loaded
inline constexpr std::uint32_t kEyePingMs = 2000;           // a busy eye that stays silent this long is replaced
inline constexpr std::uint32_t kCameraFirstFrameMs = 3000;
inline constexpr std::uint32_t kEyeFramesPerSecondMax = 500;  // a camera worker that sends more is given up
inline constexpr std::uint32_t kEyeReplaceWithinMs = 2000;    // after a worker died of a signal, for others to finish
inline constexpr std::uint32_t kPhotoTurnWithinMs = 30'000;   // for a photo's turn, before its own time begins
inline constexpr std::uint32_t kSendWithinMs = 1000;          // a client that does not read is dropped
inline constexpr std::uint32_t kShutdownMs = 5000;
inline constexpr std::uint32_t kTimeoutMinMs = 500;  // range accepted for auth.timeout_s and timeout=
inline constexpr std::uint32_t kTimeoutMaxMs = 60'000;

// Load. More than these is answered `busy` at once, never queued.
inline constexpr std::size_t kConnectionsMax = 256;
inline constexpr std::size_t kConnectionsPerUid = 32;   // by charged_uid.h; uid 0 is bounded by kConnectionsMax alone
inline constexpr std::size_t kConnectionsForRoot = 64;  // of kConnectionsMax, kept free for uid 0
inline constexpr std::size_t kAsksAtOnce = 128;         // people at a prompt, which takes minutes
inline constexpr std::size_t kRefusalsAtOnce = 32;      // told `busy`; beyond, closed without a word
inline constexpr std::size_t kCameraWaitersMax = 64;
inline constexpr std::size_t kPhotosAtOnce = 2;          // being examined, each by a process of its own; the rest wait
inline constexpr std::size_t kEyeWorkersMax = 8;         // two cameras and the photos, and those that are just ending
inline constexpr std::size_t kPasswordHashesAtOnce = 2;  // 64 MiB each
inline constexpr std::size_t kPasswordHashesQueued = 32;

// Store
inline constexpr std::size_t kTemplatesPerUser = 64;
inline constexpr std::size_t kUsersMax = 1'000'000;
inline constexpr std::size_t kBackupChunkMax = 3500;                       // sealed; one template is the largest item
inline constexpr std::uint64_t kBackupBytesMax = std::uint64_t{16} << 30;  // kept on the disk while it is checked
inline constexpr std::uint64_t kLedgerEntries = 50'000;                    // older ones are dropped; about 15 MB
// Entries that nobody judged: what a uid other than 0 may cause at once, and how fast he earns further ones; the same
// for all of them together. Five a minute: whoever has many uids needs most of a week to push everything out. His own
// rate is a fifth of that, so that one alone keeps nobody's out.
inline constexpr std::uint32_t kLedgerBurst = 20;
inline constexpr std::uint32_t kLedgerPerMinute = 1;
inline constexpr std::uint32_t kLedgerBurstOfAll = 500;
inline constexpr std::uint32_t kLedgerPerMinuteOfAll = 5;
// And those of what a uid other than 0 had judged or switched of his own, which nobody else's keep out.
inline constexpr std::uint32_t kLedgerOwnBurst = 20;
inline constexpr std::uint32_t kLedgerOwnPerMinute = 2;

// Images and frames
inline constexpr std::size_t kImageBytesMax = 32u << 20;
inline constexpr std::uint64_t kImagePixelsMax = 50'000'000;
inline constexpr std::uint32_t kImageSideMax = 16'384;
inline constexpr std::uint32_t kFrameSideMax = 4096;  // camera frames
inline constexpr std::size_t kReplayFramesMax =
    200;  // stills of a sequence travel as fds of one message (SCM_MAX_FD is 253)
inline constexpr std::size_t kEnrollImagesMax = 32;

}  // namespace faceauth::limits
