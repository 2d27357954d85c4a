#include <enroll-tool/waiting.h>
#include <enroll-tool/words.h>

namespace faceauth::enroll {

Result<bool> templates_wait(Connection& connection, std::uint32_t count) {
  if (count > limits::kTemplatesPerUser) return fail(Errc::protocol, error_words(Errc::protocol));
  bool all_wait = count > 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto t = connection.expect<wire::ListTemplate>(wire::Type::list_template, kRecordsWithin);
    if (!t) return tl::unexpected<Error>(t.error());
    all_wait &= string_of(t->model) == wire::kDlibOnly;
  }
  return all_wait;
}

}  // namespace faceauth::enroll
