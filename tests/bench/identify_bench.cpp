// 1:N: the scan over the index and the exact comparison of whom it leaves, beside the time that memory takes to give as
// many bytes as the references have, and as many as the index has.
#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/identifier.h>
#include <faced/auth/reference_index.h>

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace faceauth::test {
namespace {

constexpr std::int64_t kMost = 1'000'000;

// Anybody's, from his number: what an exact comparison opens is made again instead.
Encodings invented(std::uint64_t number) {
  Encodings e;
  std::uint64_t state = number * 0x9e3779b97f4a7c15U + 1;
  const auto next = [&] {  // xorshift; the sum of four is near enough to a normal distribution
    float sum = 0;
    for (int i = 0; i < 4; ++i) {
      state ^= state << 13U;
      state ^= state >> 7U;
      state ^= state << 17U;
      sum += static_cast<float>(static_cast<std::int32_t>(state >> 32U)) * 0x1p-31F;
    }
    return sum;
  };
  for (float& v : e.feature) v = next();
  for (float& v : e.dlib) v = next() / 8;
  return e;
}

std::string name_of(std::uint64_t number) { return "user" + std::to_string(kMost * 10 + number); }

// Made once for each size. Whether its memory is locked changes nothing about reading it, and few may lock so much.
const ReferenceIndex* index_of(std::int64_t users) {
  static std::map<std::int64_t, ReferenceIndex> all;
  if (const auto made = all.find(users); made != all.end()) return &made->second;
  ReferenceIndex index =
      ReferenceIndex::in(SecretBytes(static_cast<std::size_t>(users) * ReferenceIndex::kBytesPerUser));
  for (std::int64_t i = 0; i < users; ++i)
    if (!index.add(name_of(static_cast<std::uint64_t>(i)), invented(static_cast<std::uint64_t>(i)))) return nullptr;
  return &all.emplace(users, std::move(index)).first->second;
}

void identify(benchmark::State& state) {
  const ReferenceIndex* const index = index_of(state.range(0));
  if (index == nullptr) return state.SkipWithError("the index took not everybody");
  Secret<Encodings> probe;
  *probe = invented(static_cast<std::uint64_t>(kMost) * 3);
  std::size_t compared = 0;
  for (auto _ : state) {
    ReferenceScan scan(*index, *probe);
    while (scan.step(32 * 1024)) {
    }
    Identifier identifier(match_thresholds(MatchLevel::balanced), index->size(), *probe);
    const std::vector<std::string> few = scan.candidates();
    compared = few.size();
    for (const std::string& name : few)
      identifier.compare(name, invented(std::stoull(name.substr(4)) - static_cast<std::uint64_t>(kMost) * 10));
    benchmark::DoNotOptimize(identifier.answer());
  }
  state.counters["compared"] = static_cast<double>(compared);
  state.counters["index_mb"] = static_cast<double>(index->size() * ReferenceIndex::kBytesPerUser) / 1e6;
}
BENCHMARK(identify)->RangeMultiplier(10)->Range(100, kMost)->Unit(benchmark::kMicrosecond);

struct Mapped {
  explicit Mapped(std::size_t length)
      : size(length),
        begin(static_cast<const std::uint64_t*>(
            ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0))) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (begin != MAP_FAILED) ::munmap(const_cast<std::uint64_t*>(begin), size);
  }
  std::size_t size;
  const std::uint64_t* begin;
};

// Eight sums, so that adding waits for nothing but memory.
std::uint64_t sum_of(const Mapped& memory) {
  std::uint64_t sums[8] = {};
  for (std::size_t i = 0; i + 8 <= memory.size / 8; i += 8)
    for (std::size_t k = 0; k < 8; ++k) sums[k] += memory.begin[i + k];
  std::uint64_t sum = 0;
  for (const std::uint64_t one : sums) sum += one;
  return sum;
}

void read_bytes(benchmark::State& state, std::size_t per_user) {
  const Mapped memory(static_cast<std::size_t>(state.range(0)) * per_user);
  if (memory.begin == MAP_FAILED) return state.SkipWithError("not so much memory");
  for (auto _ : state) benchmark::DoNotOptimize(sum_of(memory));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(memory.size));
}
void identify_floor(benchmark::State& state) { read_bytes(state, sizeof(Encodings::feature)); }
BENCHMARK(identify_floor)->RangeMultiplier(10)->Range(100, kMost)->Unit(benchmark::kMicrosecond);
void identify_index_floor(benchmark::State& state) { read_bytes(state, ReferenceIndex::kBytesPerUser); }
BENCHMARK(identify_index_floor)->RangeMultiplier(10)->Range(100, kMost)->Unit(benchmark::kMicrosecond);

// What it replaces: each reference compared as it is, were they all open.
void identify_each(benchmark::State& state) {
  std::vector<Encodings> all;
  for (std::int64_t i = 0; i < state.range(0); ++i) all.push_back(invented(static_cast<std::uint64_t>(i)));
  const Encodings probe = invented(static_cast<std::uint64_t>(kMost) * 3);
  for (auto _ : state) {
    Identifier identifier(match_thresholds(MatchLevel::balanced), all.size(), probe);
    for (const Encodings& one : all) identifier.compare("user", one);
    benchmark::DoNotOptimize(identifier.answer());
  }
}
BENCHMARK(identify_each)->RangeMultiplier(10)->Range(100, 100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace faceauth::test
