// Errors as values for the keeper, the eye and enroll-tool. The PAM module does not include this: it needs libc alone.
#pragma once

#include <faceauth/errc.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace faceauth {

// A code to act on and one line for a person: what failed, and what to do about it. Never holds a secret.
struct Error {
  Errc code = Errc::internal;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// Hands an error on from a Result of another type.
template <class T>
[[nodiscard]] tl::unexpected<Error> fail(Result<T>&& failed) {
  return tl::unexpected<Error>(std::move(failed).error());
}

// Hands an error on with the outer step named in front: "opening the store: <message>".
[[nodiscard]] inline tl::unexpected<Error> fail_in(std::string_view step, const Error& cause) {
  return tl::unexpected<Error>(Error{cause.code, std::string(step) + ": " + cause.message});
}

}  // namespace faceauth
