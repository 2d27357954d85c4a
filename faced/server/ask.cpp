#include <faced/server/ask.h>
#include <faced/server/origin.h>

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace faceauth {
namespace {

// Not what the module says of itself: who holds the other end of the connection.
std::string asker_of(const Peer& peer) {
  std::string command = command_of(peer);
  return command.empty() ? fmt::format("process {}", peer.pid) : command;
}

struct AtPrompt {
  explicit AtPrompt(std::size_t& of_all) : people(of_all) { ++people; }
  AtPrompt(const AtPrompt&) = delete;
  AtPrompt& operator=(const AtPrompt&) = delete;
  ~AtPrompt() { --people; }
  std::size_t& people;
};

asio::awaitable<bool> answered(Connection& client, wire::Asks what, wire::Answer& answer, Steady& deadline) {
  const Steady asked = std::chrono::steady_clock::now();
  const std::string asker = asker_of(client.peer());
  if (!co_await client.send(wire::Type::ask, wire::Ask{what, as_text(asker)})) co_return false;
  const Result<void> got = co_await client.receive(asked + std::chrono::milliseconds(limits::kConversationMs));
  deadline += std::chrono::steady_clock::now() - asked;
  Reader body = client.body();
  if (!got || client.header().type != wire::Type::answer || !client.of_this_request()) co_return false;
  co_return wire::decode(body, answer);
}

}  // namespace

// Whoever can start a login can leave it at its prompt for minutes: that must not take the places of those who need
// none.
asio::awaitable<bool> ask_person(Keeper& keeper, Connection& client, wire::Asks what, wire::Answer& answer,
                                 Steady& deadline, Judgement& judgement) {
  if (keeper.at_prompts >= limits::kAsksAtOnce) {
    judgement.refused(Verdict::busy, false);
    co_return false;
  }
  const AtPrompt one_more(keeper.at_prompts);
  const bool usable = co_await answered(client, what, answer, deadline);
  judgement.client_left = judgement.client_left || !usable;
  co_return usable;
}

}  // namespace faceauth
