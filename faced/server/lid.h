// Whether the lid of this machine is closed, as logind has it.
#pragma once

#include <faced/server/asio.h>
#include <faced/util/clock.h>

namespace faceauth {

// Asks over the system bus, without blocking and without a thread: a question that is open when the keeper stops ends
// with its event loop. On the keeper's thread only.
class Lid {
 public:
  // Answers within 250 ms, whatever the bus does. Open where nobody can tell: no lid, no bus, no answer.
  asio::awaitable<bool> is_closed();

 private:
  Steady silent_until_{};  // a bus that did not answer is not asked again before
};

}  // namespace faceauth
