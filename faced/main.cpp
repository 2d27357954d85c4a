// faced, the keeper: wiring and the top-level catch.
#include <faced/crypto/key_rotation.h>
#include <faced/crypto/master_key.h>
#include <faced/server/server.h>
#include <faced/util/log.h>
#include <faced/util/trusted_file.h>

#include <faceauth/version.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>

namespace faceauth {
namespace {

constexpr int kUsage = 2, kConfigRefused = 78;  // EX_CONFIG of sysexits.h, which systemd names in its log

struct Options {
  std::string config = "/etc/faceauth/faced.toml";
  bool check = false, version = false, bad = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--config" && i + 1 < argc)
      options.config = argv[++i];
    else if (argument.starts_with("--config="))
      options.config = argument.substr(9);
    else if (argument == "--check-config")
      options.check = true;
    else if (argument == "--version")
      options.version = true;
    else
      options.bad = true;
  }
  return options;
}

// Nothing of this process's memory may reach a core file or another process of the same user.
void harden() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
}

// faced-vision lies beside faced, installed as well as in a build tree.
std::string eye_program() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string self(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1) + "faced-vision";
}

// Zeros when it cannot be read: then every strong authentication counts as of another boot.
BootId read_boot_id() {
  BootId id{};
  std::string text;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), text);
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < text.size() && at < id.size();) {
    if (text[i] == '-') {
      ++i;
      continue;
    }
    id[at++] = static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16));
    i += 2;
  }
  return id;
}

int report(const Error& error) {
  log::error(error.message);
  return error.code == Errc::invalid_argument || error.code == Errc::unsupported || error.code == Errc::unsafe_path
             ? kConfigRefused
             : 1;
}

// Opened with the older of several keys: a change was cut off before the new one was in place. A key file that is still
// the old one stays it; of a credential only root knows what is to become of it, so both go on opening the store.
Result<void> finish_key_change(Store& store, const std::string& source, const Key& key) {
  if (store.master_keys() < 2) {
    if (is_file_key(source)) discard_file_key(source);
    return {};
  }
  if (!is_file_key(source)) {
    log::warning("a change of the master key waits for a start with the new one; until then both open the store");
    return {};
  }
  if (Result<void> settled = store.settle_master_key(key); !settled) return settled;
  discard_file_key(source);
  log::notice("a change of the master key was cut off; the old key stays");
  return {};
}

// An exception that leaves it ends the process here (std::terminate; systemd starts another): requests still refer to
// what unwinding would destroy.
void serve_until_told_to_stop(asio::io_context& io) noexcept { io.run(); }

int run(const Options& options) {
  Result<LoadedConfig> loaded = load_config(options.config);
  if (!loaded) return report(loaded.error());
  for (const std::string& warning : loaded->warnings) log::warning(warning);
  if (options.check) return loaded->config.hook.empty() || open_trusted(loaded->config.hook) ? 0 : kConfigRefused;
  const auto config = std::make_shared<const Config>(std::move(loaded->config));

  const Result<bool> empty = Store::is_empty(config->store);
  if (!empty) return report(empty.error());
  const Result<Key> key = load_master_key(config->key_source, *empty);
  if (!key) return report(key.error());
  Result<Store> store = Store::open(config->store, *key);
  if (!store) return report(store.error());
  // A full disk must not keep people out; both keys go on opening the store until the next start.
  if (const Result<void> done = finish_key_change(*store, config->key_source, *key); !done)
    log::warning("a change of the master key cannot be finished: " + done.error().message);
  Result<Listening> listening = listen_at(config->socket);
  if (!listening) return report(listening.error());

  asio::io_context io(1);
  SystemClock clock;
  Eye eye(io, eye_program(), *config);
  Keeper keeper{io, config, *store, eye, clock, read_boot_id(), SosSwitch(config->store), CameraMemory(config->store)};
  Server server(keeper, std::move(*listening), options.config);
  server.start();
  serve_until_told_to_stop(io);
  if (const Result<void> noted = store->note_what_was_reached(); !noted)
    log::warning("noting what the ledger has reached: " + noted.error().message);
  if (!server.drained()) {
    log::warning("stopped with requests cut off");
    std::_Exit(0);  // every write was synced when it was made
  }
  keeper.hashing.join();
  keeper.lookups.join();
  return 0;
}

}  // namespace
}  // namespace faceauth

int main(int argc, char** argv) {
  using namespace faceauth;
  const Options options = parse(argc, argv);
  if (options.version) {
    std::printf("faced %s\n", std::string(kVersionText).c_str());
    return 0;
  }
  if (options.bad) {
    std::fprintf(stderr, "usage: faced [--config FILE] [--check-config] [--version]\n");
    return kUsage;
  }
  harden();
  try {
    return run(options);
  } catch (const std::exception& e) {
    log::error(std::string("stopped by an unexpected error: ") + e.what());
    return 1;
  }
}
