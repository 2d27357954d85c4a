#include <faced/vision/image_header.h>
#include <tests/accuracy/dataset.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace faceauth::eval {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 4096;

std::string extension_of(const std::string& path) {
  std::string extension = fs::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

template <std::size_t n>
bool one_of(const std::string& value, const std::array<std::string_view, n>& known) {
  return std::find(known.begin(), known.end(), value) != known.end();
}

bool looks_like_a_picture(const std::string& path) {
  constexpr std::array<std::string_view, 9> kNames = {".jpg", ".jpeg", ".png", ".bmp", ".webp",
                                                      ".pnm", ".ppm",  ".pgm", ".jpe"};
  if (one_of(extension_of(path), kNames)) return true;
  std::array<char, kHeaderBytes> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const auto have = static_cast<std::size_t>(file.gcount());
  return vision::read_picture_header({reinterpret_cast<const std::uint8_t*>(bytes.data()), have}).has_value();
}

// Names in `directory` that are not hidden, sorted by their bytes.
std::vector<std::string> entries(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.')) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool is_clip(const std::string& path) {
  constexpr std::array<std::string_view, 7> kNames = {".mp4", ".mov", ".mpg", ".mpeg", ".avi", ".mkv", ".webm"};
  return one_of(extension_of(path), kNames);
}

std::vector<std::string> pictures_in(const std::string& directory, std::vector<std::string>& passed) {
  std::vector<std::string> found;
  for (const std::string& name : entries(directory)) {
    const std::string path = directory + "/" + name;
    std::error_code error;
    if (fs::is_directory(path, error)) continue;
    // Nothing but a regular file is opened: a FIFO would hang.
    if (fs::is_regular_file(path, error) && looks_like_a_picture(path))
      found.push_back(path);
    else
      passed.push_back(path);
  }
  return found;
}

std::vector<std::string> folders_in(const std::string& directory) {
  std::vector<std::string> found;
  for (const std::string& name : entries(directory)) {
    std::error_code error;
    if (fs::is_directory(directory + "/" + name, error)) found.push_back(directory + "/" + name);
  }
  return found;
}

Result<Dataset> read_people(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) return fail(Errc::not_found, directory + " is not a directory");
  Dataset data;
  for (const std::string& folder : folders_in(directory)) {
    Person person{fs::path(folder).filename().string(), {}};
    for (std::string& path : pictures_in(folder, data.passed)) {
      person.images.push_back(data.files.size());
      data.files.push_back(std::move(path));
    }
    if (person.images.empty())
      data.passed.push_back(folder);
    else
      data.people.push_back(std::move(person));
  }
  if (data.people.empty())
    return fail(Errc::not_found, directory + " holds no folder with a picture (DIR/<person>/<image>)");
  return data;
}

}  // namespace faceauth::eval
