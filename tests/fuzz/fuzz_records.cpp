// What lies in the store: users, states, templates, ledger entries and heads. The first byte says which it is to be.
// What decodes is canonical: encoding it again gives the very bytes.
#include "fuzz.h"

#include <faced/store/ledger_format.h>
#include <faced/store/record_format.h>

#include <algorithm>

using namespace faceauth;

namespace {

void same(format::View in, format::View out) {
  fuzz::must(std::equal(in.begin(), in.end(), out.begin(), out.end()), "a record has one encoding");
}

template <class Value>
void check(format::View bytes, const std::optional<Value>& value) {
  if (value) same(bytes, format::encode(*value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const format::View bytes(data + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      check(bytes, format::decode_header(bytes));
      break;
    case 1:
      check(bytes, format::decode_body(bytes));
      break;
    case 2:
      check(bytes, format::decode_state(bytes));
      static_cast<void>(format::decode_counters(bytes));
      break;
    case 3:
      check(bytes, format::decode_detail(bytes));
      break;
    case 4:
      check(bytes, format::decode_template(bytes));
      break;
    case 5:
      check(bytes, format::decode_audit(bytes));
      break;
    case 6:
      check(bytes, format::decode_head(bytes));
      break;
    default:
      if (const auto number = format::ledger_number(bytes)) same(bytes, format::ledger_key(*number));
  }
  return 0;
}
