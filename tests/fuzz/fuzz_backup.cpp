// A backup behind its seal: the head, and items in sequence, each with its length in front.
#include "fuzz.h"

#include <faced/store/backup_format.h>

#include <faceauth/limits.h>

using namespace faceauth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < backup::kHeadSize) return 0;
  const format::View head(data, backup::kHeadSize);
  if (const auto read = backup::decode_head(head)) {
    const backup::HeadBytes again = backup::encode(*read);
    fuzz::must(std::memcmp(again.data(), data, again.size()) == 0, "a head has one encoding");
  }
  BackupParser parser;
  std::uint64_t users = 0, templates = 0;
  Reader r(data + backup::kHeadSize, size - backup::kHeadSize);
  while (r.good() && !r.complete()) {
    const Bytes item = r.blob(limits::kBackupChunkMax);
    if (!r.good()) break;
    const auto taken = parser.take({item.data, item.size}, r.complete());
    if (!taken) break;
    if (!*taken) continue;
    const BackupUser& user = **taken;
    ++users;
    templates += user.templates.size();
    fuzz::must(format::is_user_name(user.name), "a user has a name");
    fuzz::must(user.templates.size() <= limits::kTemplatesPerUser, "nobody has more templates than may be");
  }
  if (parser.ended()) {
    fuzz::must(parser.totals().users == users && parser.totals().templates == templates, "the end tells the totals");
    fuzz::must(r.complete(), "nothing follows the end");
  }
  return 0;
}
