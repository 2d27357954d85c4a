// Whether the lid of this machine is closed, as logind has it.
#pragma once

#include <faced/server/asio.h>

#include <memory>

namespace faceauth {

// Asks the bus. Blocks, with a hanging bus for long. Open where nobody can tell: no lid, no bus, no answer.
[[nodiscard]] bool ask_whether_lid_is_closed();

// The same without blocking. On the keeper's thread only.
class Lid {
 public:
  // Answers within 250 ms, whatever the bus does; open is then the answer.
  asio::awaitable<bool> is_closed();

 private:
  struct Question;
  std::shared_ptr<Question> asked_;  // shared with the thread that waits for the answer, which may outlive this
};

}  // namespace faceauth
