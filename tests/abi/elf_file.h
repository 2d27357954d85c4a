// What the dynamic section and symbol table of a shared object say.
#pragma once

#include <elf.h>

#include <cstdint>
#include <set>
#include <string>

namespace faceauth::test {

struct ElfFile {
  std::set<std::string> needed;
  std::set<std::string> exported;  // defined, not local, not hidden
  std::set<std::string> imported;  // what others must define
  std::uint64_t init_array_bytes = 0;
  std::uint64_t flags_1 = 0;  // DF_1_*
  bool bind_now = false;
  bool executable_stack = true;
  bool relro = false;
  bool thread_local_storage = false;
};

// A 64-bit ELF file of this machine; ends the process when it is none.
ElfFile read_elf(const std::string& path);

}  // namespace faceauth::test
