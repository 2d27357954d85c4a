#include <faced/crypto/aead.h>
#include <faced/server/movements.h>

#include <chrono>
#include <span>
#include <utility>

namespace faceauth {

std::uint8_t unpredictable_byte() {
  std::uint8_t byte = 0;
  random_bytes(std::span(&byte, 1));
  return byte;
}

asio::awaitable<Result<Obeyed>> moves_as_told(Viewer& viewer, Connection& client, Challenge& challenge, Steady deadline,
                                              Audience* audience) {
  Movement told = Movement::look_straight;  // who was just recognised does
  for (;;) {
    Result<SharedFrame> frame = co_await viewer.next(deadline);
    if (client.peer_is_gone()) co_return Obeyed::client_left;
    if (audience != nullptr && !audience->may_see()) co_return fail(Errc::not_permitted, kNotActiveAnyMore);
    if (!frame && frame.error().code == Errc::timed_out) co_return Obeyed::no;
    if (!frame) co_return fail(std::move(frame));
    const eye::Frame& seen = ***frame;
    const Challenge::State state = challenge.observe(seen.sight, Steady(std::chrono::nanoseconds(seen.captured_ns)));
    if (state != Challenge::State::running) co_return state == Challenge::State::passed ? Obeyed::yes : Obeyed::no;
    if (challenge.asked() != told) {
      told = challenge.asked();
      const wire::NoticeBody notice{wire::Notice::movement, static_cast<std::uint8_t>(told), 0};
      if (!co_await client.send(wire::Type::notice, notice)) co_return Obeyed::client_left;
    }
    if (std::chrono::steady_clock::now() >= deadline) co_return Obeyed::no;
  }
}

}  // namespace faceauth
