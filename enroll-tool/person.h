// Who asks, and what he must show for it. The keeper decides by the peer's uid; this only spares a root shell
// questions that it need not answer.
#pragma once

#include <enroll-tool/connection.h>
#include <enroll-tool/password.h>

#include <string>

namespace faceauth::enroll {

[[nodiscard]] bool is_root();

// The keeper refuses the rest too; asking for a password that cannot help, or complaining of a photo that may not be
// used, would only puzzle.
[[nodiscard]] Result<void> is_root_or(const std::string& user);
[[nodiscard]] Result<void> may_use_photos(std::size_t count);

// The user a command acts on when none is named: everybody (empty) for root, himself for anyone else.
[[nodiscard]] Result<std::string> user_or_self(const std::string& user);

// Who runs this, for what the keeper answers to a person about himself.
[[nodiscard]] Result<std::string> own_name();

// Whether the keeper has this user. Opens a connection of its own, so that none idles while a person types.
[[nodiscard]] Result<bool> is_registered(const std::string& socket, const std::string& user);

// The user's present password, from standard input or the terminal.
[[nodiscard]] Result<void> present_password(const std::string& user, bool from_stdin, Password& out);

// A connection on which, unless we are root, `user` has proved his password.
[[nodiscard]] Result<Connection> open_proved(const std::string& socket, const std::string& user, bool from_stdin);

}  // namespace faceauth::enroll
