#include <faced/server/server.h>

#include <faced/server/session.h>
#include <faced/util/log.h>
#include <faced/util/rethrow.h>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <csignal>

namespace faceauth {

using std::chrono::milliseconds;
using Protocol = asio::local::stream_protocol;

Server::Server(Keeper& keeper, Listening listening, std::string config_file)
    : keeper_(keeper),
      acceptor_(keeper.io, Protocol(), listening.socket.release()),
      to_unlink_(std::move(listening.to_unlink)),
      config_file_(std::move(config_file)),
      signals_(keeper.io, SIGTERM, SIGINT, SIGHUP),
      watchdog_(keeper.io),
      shutdown_limit_(keeper.io),
      accept_pause_(keeper.io) {}

Server::~Server() { remove_socket(); }

void Server::remove_socket() {
  if (!to_unlink_.empty()) ::unlink(to_unlink_.c_str());
  to_unlink_.clear();
}

void Server::start() {
  keeper_.store.on_enrolment([&gallery = keeper_.gallery](std::string_view user) { gallery.changed(user); });
  wait_for_signal();
  asio::co_spawn(keeper_.io, accept(), Rethrow{});
  std::uint64_t period_us = 0;
  if (::sd_watchdog_enabled(0, &period_us) > 0) {
    watchdog_period_ = std::chrono::microseconds(period_us / 2);
    pet_watchdog();
  }
  ::sd_notify(0, "READY=1");
  tell_status();
  log::info("ready");
  const CameraMemory::Marks remembered = keeper_.camera_memory.recall();
  for (std::size_t place = 0; place < remembered.size(); ++place) keeper_.eye.remember_camera(place, remembered[place]);
  keeper_.eye.start();
}

// Many at a time: with one for each round of everybody's requests, a crowd that keeps coming back would make whoever
// stands behind it in the backlog wait for as many rounds.
asio::awaitable<void> Server::accept() {
  constexpr int kAtOnce = 64;
  boost::system::error_code ignored;
  acceptor_.non_blocking(true, ignored);
  while (!stopping_) {
    auto [waited] = co_await acceptor_.async_wait(Protocol::acceptor::wait_read, kQuietly);
    if (stopping_ || waited == asio::error::operation_aborted) co_return;
    boost::system::error_code error = waited;
    for (int i = 0; i < kAtOnce && !error; ++i) {
      Protocol::socket socket = acceptor_.accept(error);
      if (!error) admit(std::move(socket));
    }
    if (!error || error == asio::error::would_block || error == asio::error::connection_aborted) continue;
    // Out of descriptors: what waits in the backlog waits until somebody leaves.
    accept_pause_.expires_after(milliseconds(50));
    co_await accept_pause_.async_wait(kQuietly);
  }
}

// Whoever connects and leaves again fills the backlog with connections that nobody waits for. Beyond what a user's
// programs need they are closed unseen, so that who stands behind them is not kept.
bool Server::comes_too_fast(std::uint32_t uid) {
  constexpr unsigned kPerSecond = 100;
  constexpr std::size_t kUidsMax = 4096;
  if (uid == 0) return false;
  if (pace_.size() >= kUidsMax) pace_.clear();
  Pace& pace = pace_[uid];
  const Steady now = std::chrono::steady_clock::now();
  if (now - pace.since >= std::chrono::seconds(1)) pace = {now, 0};
  return ++pace.connections > kPerSecond;
}

void Server::admit(Protocol::socket socket) {
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  Peer peer = peer_of(socket.native_handle());
  const std::uint32_t uid = peer.charged;
  if (comes_too_fast(uid)) return;
  const std::size_t bound = uid == 0 ? limits::kConnectionsMax : limits::kConnectionsMax - limits::kConnectionsForRoot;
  const auto own = per_uid_.find(uid);
  const bool too_many =
      connections_.size() >= bound || (uid != 0 && own != per_uid_.end() && own->second >= limits::kConnectionsPerUid);
  // A connection costs guarded memory: none for whom not even a refusal is told.
  if (too_many && refusing_ >= limits::kRefusalsAtOnce && !drop_who_says_nothing()) return;
  auto client = std::make_shared<Connection>(std::move(socket), std::move(peer));
  if (too_many) return refuse(std::move(client));
  const std::uint64_t id = next_connection_++;
  connections_.emplace(id, client);
  ++per_uid_[uid];
  asio::co_spawn(keeper_.io, serve(keeper_, std::move(client)), [this, id, uid](std::exception_ptr) {
    connections_.erase(id);
    if (--per_uid_[uid] == 0) per_uid_.erase(uid);
    if (stopping_ && connections_.empty()) shutdown_limit_.cancel();
  });
}

void Server::refuse(std::shared_ptr<Connection> client) {
  ++refusing_;
  const std::uint64_t id = next_connection_++;
  unheard_.emplace(id, client);
  const auto heard = [this, id] { unheard_.erase(id); };
  asio::co_spawn(keeper_.io, serve_without_place(keeper_, std::move(client), heard), [this, heard](std::exception_ptr) {
    heard();
    --refusing_;
  });
}

// Who means what he asks has sent it by the time somebody else connects.
bool Server::drop_who_says_nothing() {
  if (unheard_.empty()) return false;
  if (const std::shared_ptr<Connection> oldest = unheard_.begin()->second.lock()) oldest->stop_receiving();
  unheard_.erase(unheard_.begin());
  return true;
}

void Server::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      reload();
      wait_for_signal();
    } else {
      stop();
    }
  });
}

void Server::reload() {
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count()));
  Result<LoadedConfig> loaded = load_config(config_file_);
  if (!loaded) {
    log::error("the configuration stays as it was: " + loaded.error().message);
  } else {
    const Config& old = *keeper_.config;
    Config fresh = std::move(loaded->config);
    if (fresh.store != old.store || fresh.socket != old.socket || fresh.models != old.models ||
        fresh.key_source != old.key_source || fresh.encoder_file != old.encoder_file)
      log::warning("paths.*, key.source and match.encoder take effect at the next restart");
    fresh.store = old.store;
    fresh.socket = old.socket;
    fresh.models = old.models;
    fresh.key_source = old.key_source;
    fresh.encoder_file = old.encoder_file;
    fresh.encoder = old.encoder;
    for (const std::string& warning : loaded->warnings) log::warning(warning);
    keeper_.config = std::make_shared<const Config>(std::move(fresh));
    log::notice("configuration reloaded");
  }
  ::sd_notify(0, "READY=1");
  tell_status();
}

void Server::tell_status() {
  ::sd_notifyf(0, "STATUS=Serving %s, camera %s", keeper_.config->socket.c_str(),
               keeper_.config->camera.device.c_str());
}

void Server::pet_watchdog() {
  ::sd_notify(0, "WATCHDOG=1");
  watchdog_.expires_after(watchdog_period_);
  watchdog_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopping_) pet_watchdog();
  });
}

// Waiting requests end as `could not judge`; one that is being stored finishes, since a store call is one step of the
// single thread. Hashes on their way are waited for, not longer than the limit.
void Server::stop() {
  stopping_ = true;
  ::sd_notify(0, "STOPPING=1");
  log::info("stopping");
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  remove_socket();
  watchdog_.cancel();
  accept_pause_.cancel();
  keeper_.eye.stop();
  for (auto& [id, connection] : connections_)
    if (const auto client = connection.lock()) client->stop_receiving();
  if (connections_.empty()) return keeper_.io.stop();
  shutdown_limit_.expires_after(milliseconds(limits::kShutdownMs));
  shutdown_limit_.async_wait([this](boost::system::error_code) { keeper_.io.stop(); });
}

}  // namespace faceauth
