// What libpam runs for one service when somebody logs in: its auth lines with everything they include, and every way
// the login can go through them.
#pragma once

#include <enroll-tool/pam_stack.h>
#include <faceauth/result.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faceauth::enroll::pam {

enum class Role {
  face,      // pam_faceauth, asking
  report,    // pam_faceauth, telling of an accepted password
  password,  // checks what a person types
  deny,
  permit,    // succeeds, or decides nothing that keeps somebody out
  other,     // may let in or keep out, for reasons of its own
  substack,  // the head of one; calls nothing
};

struct Entry {
  Role role = Role::other;
  int level = 0;  // of substacks
  Actions actions{};
  std::string module;
  std::vector<std::string> words;
  std::string file;          // the name of the service file it stands in
  int number = 0;            // its row there
  std::size_t own_line = 0;  // which line of the service's own file led to it
};

struct Chain {
  std::vector<Entry> entries;
  std::vector<std::string> broken;  // why libpam would refuse everybody, or cannot be followed
};

template <std::size_t N>
[[nodiscard]] bool one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Gives the text of a service file by its name in an include, as libpam looks for it.
using Reader = std::function<Result<std::string>(const std::string& name)>;

[[nodiscard]] Chain flatten(const File& own, const std::string& service, const Reader& read);

// What happened on the way, a bit each.
inline constexpr std::uint8_t kFaceOk = 1, kFaceFailed = 2, kPasswordOk = 4, kPasswordFailed = 8;

struct Ways {
  std::vector<std::set<std::uint8_t>> reached;   // by entry: with what behind one it can be reached
  std::set<std::pair<bool, std::uint8_t>> ends;  // granted or not, and what had happened
  std::vector<std::size_t> bad_jumps;            // entries that can jump over the end of their stack
  [[nodiscard]] bool may_grant() const;
  [[nodiscard]] bool may_refuse() const;
};

using Codes = std::uint32_t;  // a bit for each return code
inline constexpr Codes kSucceeds = 1u << kSuccess;
inline constexpr Codes kAnything = ~(1u << kIncomplete);
inline constexpr Codes kFails = kAnything & ~kSucceeds & ~(1u << kIgnored) & ~(1u << kNewAuthtokReqd);
// What a module gives that judges somebody: neither "leave me out" nor "yes, but change your password".
inline constexpr Codes kJudges = kSucceeds | kFails;

// Follows libpam's rules for every code that `returns` allows each entry, starting before entry `from` with nothing
// decided, and also, unless from is 0, with everything good so far.
[[nodiscard]] Ways walk(const std::vector<Entry>& entries, const std::function<Codes(std::size_t)>& returns,
                        std::size_t from = 0);

}  // namespace faceauth::enroll::pam
