// The keeper at work: accepts connections within bounds, reloads, tells systemd, stops in good order.
#pragma once

#include <faced/config/config.h>
#include <faced/server/connection.h>
#include <faced/server/keeper.h>
#include <faced/server/listen.h>

#include <boost/asio/signal_set.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace faceauth {

class Server {
 public:
  // `config_file` is read again on SIGHUP. Everything must outlive the server, and io's run().
  Server(Keeper& keeper, Listening listening, std::string config_file);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Starts everything; io.run() then serves until SIGTERM or SIGINT and returns once all requests have ended or
  // limits::kShutdownMs has passed.
  void start();

  // After run(): false when requests were cut off by the limit. Their coroutines still refer to the keeper, so the
  // process must then end without destroying anything.
  [[nodiscard]] bool drained() const { return connections_.empty() && refusing_ == 0; }

 private:
  asio::awaitable<void> accept();
  void admit(asio::local::stream_protocol::socket socket);
  [[nodiscard]] bool comes_too_fast(std::uint32_t uid);
  void refuse(std::shared_ptr<Connection> client);
  [[nodiscard]] bool drop_who_says_nothing();
  void remove_socket();
  void wait_for_signal();
  void reload();
  void stop();
  void pet_watchdog();
  void tell_status();

  Keeper& keeper_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::string to_unlink_, config_file_;
  asio::signal_set signals_;
  asio::steady_timer watchdog_, shutdown_limit_, accept_pause_;
  std::map<std::uint64_t, std::weak_ptr<Connection>> connections_;
  std::map<std::uint32_t, std::size_t> per_uid_;
  struct Pace {
    Steady since{};
    unsigned connections = 0;
  };
  std::map<std::uint32_t, Pace> pace_;  // of this second
  std::uint64_t next_connection_ = 0;
  std::size_t refusing_ = 0;
  std::map<std::uint64_t, std::weak_ptr<Connection>> unheard_;  // of those being refused, the oldest first
  std::chrono::microseconds watchdog_period_{0};
  bool stopping_ = false;
};

}  // namespace faceauth
