#include "memory_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

namespace faceauth::test {
namespace {

constexpr std::size_t kPrefix = 4;

struct Mapping {
  std::uint64_t from = 0, to = 0;
  std::string line;
  bool writable = false, guarded = false, locked = false, empty = true;
};

// From smaps: a line of the mapping, then its figures, the last of which is VmFlags ("dd": not to be dumped, "lo":
// locked). Sanitizers map gigabytes that nobody ever touches.
std::vector<Mapping> mappings_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps");
  std::vector<Mapping> all;
  for (std::string line; std::getline(in, line);) {
    unsigned long from = 0, to = 0;
    char mode[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, mode) == 3)
      all.push_back({from, to, line, mode[1] == 'w'});
    else if ((line.starts_with("Rss:") || line.starts_with("Swap:")) && !all.empty())
      all.back().empty &= line.find_first_of("123456789") == std::string::npos;
    else if (line.starts_with("VmFlags:") && !all.empty()) {
      all.back().guarded = line.find(" dd") != std::string::npos;
      all.back().locked = line.find(" lo") != std::string::npos;
    }
  }
  if (all.empty()) throw std::runtime_error("cannot read the mappings of " + std::to_string(pid));
  return all;
}

using Index = std::unordered_multimap<std::uint32_t, const Secret*>;

std::uint32_t prefix_of(const std::uint8_t* at) {
  std::uint32_t prefix = 0;
  std::memcpy(&prefix, at, kPrefix);
  return prefix;
}

Index index_of(std::span<const Secret> secrets) {
  Index index;
  for (const Secret& secret : secrets) {
    if (secret.bytes.size() < kPrefix) throw std::runtime_error("too short a secret: " + secret.name);
    index.emplace(prefix_of(secret.bytes.data()), &secret);
  }
  return index;
}

void search(std::span<const std::uint8_t> memory, const Index& index, const Mapping& mapping, Scan& scan) {
  for (std::size_t at = 0; at + kPrefix <= memory.size(); ++at) {
    const auto [first, last] = index.equal_range(prefix_of(memory.data() + at));
    for (auto candidate = first; candidate != last; ++candidate) {
      const Secret& secret = *candidate->second;
      if (at + secret.bytes.size() > memory.size() ||
          std::memcmp(memory.data() + at, secret.bytes.data(), secret.bytes.size()) != 0)
        continue;
      std::ostringstream where;
      where << mapping.line << " +0x" << std::hex << at;
      scan.found.push_back({secret.name, where.str(), mapping.locked});
    }
  }
}

}  // namespace

std::vector<Secret> pieces_of(const std::string& name, std::span<const std::uint8_t> whole, std::size_t piece,
                              std::size_t step) {
  std::vector<Secret> pieces;
  for (std::size_t at = 0; at + piece <= whole.size(); at += step)
    pieces.push_back(
        {name + " from byte " + std::to_string(at),
         {whole.begin() + static_cast<std::ptrdiff_t>(at), whole.begin() + static_cast<std::ptrdiff_t>(at + piece)}});
  return pieces;
}

Scan scan_memory(pid_t pid, std::span<const Secret> secrets, bool guarded_too) {
  const int memory = ::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) throw std::runtime_error("cannot open the memory of " + std::to_string(pid));
  const Index index = index_of(secrets);
  Scan scan;
  std::vector<std::uint8_t> bytes;
  for (const Mapping& mapping : mappings_of(pid)) {
    if (mapping.guarded) ++scan.guarded_areas;
    if (!mapping.writable || mapping.empty || (mapping.guarded && !guarded_too)) continue;
    bytes.resize(mapping.to - mapping.from);
    const ssize_t got = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(mapping.from));
    if (got <= 0) continue;
    scan.bytes += static_cast<std::size_t>(got);
    search(std::span(bytes).first(static_cast<std::size_t>(got)), index, mapping, scan);
  }
  ::close(memory);
  return scan;
}

}  // namespace faceauth::test
