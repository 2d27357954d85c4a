// The store, from one user to a million: what a login reads, a start, a walk over all, a registration, a restore; and
// list and backup by a real keeper. `peak_mb` is the most memory of its own that whoever works held beyond what he had.
#include "../daemon/support/daemon.h"

#include <faced/crypto/aead.h>
#include <faced/store/store.h>
#include <tests/support/built.h>
#include <tests/support/invented_users.h>

#include <faceauth/limits.h>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace faceauth::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLarge = 100'000, kLargest = 1'000'000;
constexpr std::uint64_t kLeftFree = 1000;  // of the most that a store may hold, for those who register

// Memory of a process's own: what LMDB maps of its file is the kernel's, and given back when it likes.
double own_mb(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; in >> word;)
    if (word == "RssAnon:" && in >> word) return std::stod(word) / 1024;
  return 0;
}

// The most of it from here on, beyond what is there now.
class Peak {
 public:
  explicit Peak(pid_t pid) {
    if (pid == ::getpid()) ::malloc_trim(0);  // what was freed must not hide what is taken
    before_ = own_mb(pid);
    thread_ = std::jthread([this, pid](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        most_ = std::max(most_.load(), own_mb(pid));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
  }
  [[nodiscard]] double mb() const { return std::max(0.0, most_ - before_); }

 private:
  double before_ = 0;
  std::atomic<double> most_ = 0;
  std::jthread thread_;
};

struct FilledStore {
  fs::path dir;
  Key key = random_key();
  std::unique_ptr<Store> store;
  std::uint64_t count;
  explicit FilledStore(std::int64_t users)
      : count(std::min<std::uint64_t>(static_cast<std::uint64_t>(users), limits::kUsersMax - kLeftFree)) {
    std::string name = (fs::temp_directory_path() / "faceauth-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    dir = name;
    if (open() && !fill_with(*store, count)) store.reset();
    if (users >= kLarge && store) open();  // without the memory that filling took
  }
  FilledStore(const FilledStore&) = delete;
  FilledStore& operator=(const FilledStore&) = delete;
  ~FilledStore() {
    store.reset();
    std::error_code ignored;
    fs::remove_all(dir, ignored);
  }
  bool open() {
    store.reset();
    Result<Store> opened = Store::open(dir / "store", key);
    if (opened) store = std::make_unique<Store>(std::move(*opened));
    return store != nullptr;
  }
};

// Kept: the largest take minutes to fill, and a benchmark's function is called again and again.
FilledStore& filled_store(std::int64_t users) {
  static std::map<std::int64_t, FilledStore> all;
  return all.try_emplace(users, users).first->second;
}

void store_read_user(benchmark::State& state) {
  const FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  std::uint64_t next = 0;
  for (auto _ : state) {
    const std::string name = InventedUsers::name(next);
    next = (next + 7919) % filled.count;
    benchmark::DoNotOptimize(filled.store->user(name));
    benchmark::DoNotOptimize(filled.store->templates(name));
  }
}
BENCHMARK(store_read_user)->Arg(1)->Arg(1000)->Arg(kLarge)->Arg(kLargest)->Unit(benchmark::kMicrosecond);

void store_open(benchmark::State& state) {
  FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  filled.store.reset();
  const Peak peak(::getpid());
  for (auto _ : state)
    if (!filled.open()) return state.SkipWithError("the store does not open");
  state.counters["peak_mb"] = peak.mb();
}
BENCHMARK(store_open)->Arg(1)->Arg(1000)->Arg(kLarge)->Arg(kLargest)->Unit(benchmark::kMillisecond);

void store_walk(benchmark::State& state) {
  const FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  const Peak peak(::getpid());
  for (auto _ : state)
    benchmark::DoNotOptimize(filled.store->for_each_user("", [](const UserSummary&) { return true; }));
  state.counters["peak_mb"] = peak.mb();
}
BENCHMARK(store_walk)->Arg(1000)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(store_walk)->Arg(kLargest)->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

std::vector<Template> three_templates(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<Template> templates(3);
  for (Template& t : templates) {
    random_bytes(t.info.id);
    t.info = {t.info.id, "bench", "photo", "dlib", "feature", {}};
    for (float& v : t.encodings->feature) v = normal(random) / 22.6F;
    for (float& v : t.encodings->dlib) v = normal(random) / 8;
  }
  return templates;
}

// Each adds a user; the few more change nothing for the others.
void store_enroll(benchmark::State& state) {
  const FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  std::mt19937 random(2);
  static int next = 0;
  const Peak peak(::getpid());
  for (auto _ : state)
    if (!filled.store->enroll("zoe" + std::to_string(next++), 20000, three_templates(random), nullptr, {}, {}))
      return state.SkipWithError("nobody was registered");
  state.counters["peak_mb"] = peak.mb();
}
BENCHMARK(store_enroll)->Arg(1)->Arg(1000)->Iterations(50)->Unit(benchmark::kMillisecond);
BENCHMARK(store_enroll)->Arg(kLarge)->Arg(kLargest)->Iterations(10)->Unit(benchmark::kMillisecond);

// What every verdict waits for: its entry in the ledger, synced.
void store_record(benchmark::State& state) {
  const FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  AuditEvent event;
  event.kind = AuditKind::login;
  event.user = InventedUsers::name(0);
  event.service = "sudo";
  for (auto _ : state)
    if (!filled.store->record(event)) return state.SkipWithError("nothing was recorded");
}
BENCHMARK(store_record)->Arg(1000)->Arg(kLargest)->Iterations(200)->Unit(benchmark::kMillisecond);

// All of them in one transaction, as from a backup.
void store_restore(benchmark::State& state) {
  FilledStore empty(0);
  const auto users = static_cast<std::uint64_t>(state.range(0));
  const Peak peak(::getpid());
  for (auto _ : state) {
    InventedUsers source(0, users);
    if (!empty.store || !empty.store->restore(source, users, RestoreMode::replace))
      return state.SkipWithError("nothing was restored");
  }
  state.counters["peak_mb"] = peak.mb();
}
BENCHMARK(store_restore)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(store_restore)->Arg(kLarge)->Arg(kLargest)->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

// A real keeper over the store, for as long as this lives.
class Kept {
 public:
  explicit Kept(FilledStore& filled) : filled_(filled) {
    filled_.store.reset();
    std::error_code failed;
    fs::rename(filled_.dir / "store", daemon.dir() / "store", failed);
    const fs::path key = daemon.dir() / "master.key";
    std::ofstream(key, std::ios::binary).write(reinterpret_cast<const char*>(filled.key->data()), 32);
    fs::permissions(key, fs::perms(0400));
    runs = !failed && daemon.start();
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    daemon.stop();
    std::error_code ignored;
    fs::rename(daemon.dir() / "store", filled_.dir / "store", ignored);
    filled_.open();
  }
  Daemon daemon{{.users = {"ann"}}};
  bool runs = false;

 private:
  FilledStore& filled_;
};

struct Tool {
  int code = -1;
  double peak_mb = 0;
};

// enroll-tool, for as long as it takes, its output thrown away.
Tool tool_for_long(const Daemon& daemon, std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.begin(), {built::kTool, "--config", daemon.config()});
  const fs::path stdin_file = daemon.dir() / "stdin";
  std::ofstream(stdin_file) << input;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open(stdin_file.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  std::error_code ignored;
  const fs::path us = fs::read_symlink("/proc/self/exe");
  while (fs::read_symlink("/proc/" + std::to_string(child) + "/exe", ignored) == us) std::this_thread::yield();
  const Peak peak(child);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, peak.mb()};
}

void by_keeper(benchmark::State& state, const std::vector<std::string>& arguments, const std::string& input) {
  FilledStore& filled = filled_store(state.range(0));
  if (!filled.store) return state.SkipWithError("no store");
  const Kept kept(filled);
  if (!kept.runs) return state.SkipWithError("faced does not start");
  std::vector<std::string> full = arguments;
  if (full.front() == "backup") full.push_back(kept.daemon.dir() / "backup");
  const Peak peak(kept.daemon.pid());
  for (auto _ : state) {
    const Tool tool = tool_for_long(kept.daemon, full, input);
    if (tool.code != 0) return state.SkipWithError("enroll-tool failed");
    state.counters["tool_mb"] = tool.peak_mb;
  }
  state.counters["peak_mb"] = peak.mb();
}
void store_list(benchmark::State& state) { by_keeper(state, {"list"}, ""); }
BENCHMARK(store_list)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(store_list)->Arg(kLarge)->Arg(kLargest)->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

void store_backup(benchmark::State& state) { by_keeper(state, {"backup", "--passphrase-stdin"}, "passphrase\n"); }
BENCHMARK(store_backup)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(store_backup)->Arg(kLarge)->Arg(kLargest)->Iterations(1)->Repetitions(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace faceauth::test
