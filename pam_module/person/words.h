// What the module says to a person, in his language where the program that asks has set one.
#pragma once

#include <faceauth/protocol.h>

// Marks a text for xgettext that is translated elsewhere.
#define N_(text) text

namespace faceauth::pam {

// Borrowed, for good.
[[nodiscard]] const char* translated(const char* text) noexcept __attribute__((format_arg(1)));

// Empty where there is nothing to say.
[[nodiscard]] const char* words(Verdict verdict) noexcept;
[[nodiscard]] const char* words(FaceIssue issue) noexcept;
[[nodiscard]] const char* words(Movement movement) noexcept;

}  // namespace faceauth::pam
