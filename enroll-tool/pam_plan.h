// What faceauth's part in a PAM service is, what would make it another, and whether that is safe. Pure: text in, text
// out; every plan has been walked through libpam's rules before it is given.
#pragma once

#include <enroll-tool/pam_chain.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll::pam {

enum class Mode { none, face_first, enter, face_and_password, report_only, other };

[[nodiscard]] const char* mode_name(Mode mode);
// The modes that can be asked for.
[[nodiscard]] std::optional<Mode> mode_of(std::string_view name);

// Who gets in without an accepted face; with face+password, by the face alone as well.
enum class Otherwise { password, another, nobody, anybody };
[[nodiscard]] const char* otherwise_name(Otherwise otherwise);

struct View {
  Mode mode = Mode::none;
  Otherwise otherwise = Otherwise::password;  // where a face is asked for; of `anybody` tells the first problem
  std::string through;  // the included file that brings it, or nothing when it stands in the service's own
  bool report = false;
  bool nameless = false;  // whoever is recognised is let in where no name is known,
  bool unasked = false;   // and its line asks for no act of his
  std::vector<std::string> problems;
};
[[nodiscard]] View inspect(const Chain& chain, const std::string& service);

struct Plan {
  std::string text;
  std::vector<std::string> notes;  // what a person should know before it is carried out
};

// The service's file with our lines, in place of those that an earlier plan left. Fails with what is in the way.
[[nodiscard]] Result<Plan> plan_enable(const std::string& text, const std::string& service, Mode mode,
                                       const Reader& read);

// The file without the lines between our marks, byte for byte what it was before them.
[[nodiscard]] Result<std::string> without_marked(const std::string& text);

// As diff -u, with three rows of context.
[[nodiscard]] std::string unified_diff(const std::string& before, const std::string& after, const std::string& name);

}  // namespace faceauth::enroll::pam
