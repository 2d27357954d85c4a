#include "elf_file.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

namespace faceauth::test {
namespace {

class Image {
 public:
  explicit Image(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
    if (bytes_.size() < sizeof(Elf64_Ehdr) || std::memcmp(bytes_.data(), ELFMAG, SELFMAG) != 0) {
      std::fprintf(stderr, "%s: not an ELF file\n", path.c_str());
      std::abort();
    }
  }
  template <class T>
  T at(std::uint64_t offset) const {
    T out{};
    if (offset + sizeof out > bytes_.size()) std::abort();
    std::memcpy(&out, bytes_.data() + offset, sizeof out);
    return out;
  }
  std::string text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) std::abort();
    return bytes_.data() + offset;
  }

 private:
  std::vector<char> bytes_;
};

void read_dynamic(const Image& image, const Elf64_Shdr& section, std::uint64_t strings, ElfFile& out) {
  for (std::uint64_t at = 0; at < section.sh_size; at += sizeof(Elf64_Dyn)) {
    const auto d = image.at<Elf64_Dyn>(section.sh_offset + at);
    if (d.d_tag == DT_NEEDED) out.needed.insert(image.text(strings + d.d_un.d_val));
    if (d.d_tag == DT_INIT_ARRAYSZ) out.init_array_bytes = d.d_un.d_val;
    if (d.d_tag == DT_FLAGS_1) out.flags_1 = d.d_un.d_val;
    if (d.d_tag == DT_BIND_NOW || (d.d_tag == DT_FLAGS && (d.d_un.d_val & DF_BIND_NOW) != 0)) out.bind_now = true;
  }
}

void read_symbols(const Image& image, const Elf64_Shdr& section, std::uint64_t strings, ElfFile& out) {
  for (std::uint64_t at = 0; at < section.sh_size; at += sizeof(Elf64_Sym)) {
    const auto s = image.at<Elf64_Sym>(section.sh_offset + at);
    const bool local = ELF64_ST_BIND(s.st_info) == STB_LOCAL || ELF64_ST_VISIBILITY(s.st_other) == STV_HIDDEN;
    if (s.st_shndx == SHN_UNDEF && s.st_name != 0) out.imported.insert(image.text(strings + s.st_name));
    if (s.st_shndx != SHN_UNDEF && !local) out.exported.insert(image.text(strings + s.st_name));
  }
}

}  // namespace

ElfFile read_elf(const std::string& path) {
  const Image image(path);
  const auto head = image.at<Elf64_Ehdr>(0);
  ElfFile out;
  for (std::uint64_t i = 0; i < head.e_phnum; ++i) {
    const auto segment = image.at<Elf64_Phdr>(head.e_phoff + i * head.e_phentsize);
    if (segment.p_type == PT_GNU_STACK) out.executable_stack = (segment.p_flags & PF_X) != 0;
    if (segment.p_type == PT_GNU_RELRO) out.relro = true;
    if (segment.p_type == PT_TLS) out.thread_local_storage = true;
  }
  for (std::uint64_t i = 0; i < head.e_shnum; ++i) {
    const auto section = image.at<Elf64_Shdr>(head.e_shoff + i * head.e_shentsize);
    if (section.sh_type != SHT_DYNAMIC && section.sh_type != SHT_DYNSYM) continue;
    const auto strings = image.at<Elf64_Shdr>(head.e_shoff + section.sh_link * head.e_shentsize).sh_offset;
    if (section.sh_type == SHT_DYNAMIC)
      read_dynamic(image, section, strings, out);
    else
      read_symbols(image, section, strings, out);
  }
  return out;
}

}  // namespace faceauth::test
