// Folders of people's images: DIR/<person>/<image>.
#pragma once

#include <faceauth/result.h>

#include <cstddef>
#include <string>
#include <vector>

namespace faceauth::eval {

struct Person {
  std::string name;
  std::vector<std::size_t> images;  // indices into Dataset::files, in name order
};

struct Dataset {
  std::vector<std::string> files;
  std::vector<Person> people;       // in name order; only those with an image
  std::vector<std::string> passed;  // files that are no pictures by name or content, and folders without a picture
};

// A file counts as an image when its name or its first bytes say so, readable or not: a damaged photo is a failure to
// acquire, a README is none. Hidden entries are passed over. Errors: not_found.
[[nodiscard]] Result<Dataset> read_people(const std::string& directory);

// Pictures (and clips, when asked for) right in `directory`, in name order.
[[nodiscard]] std::vector<std::string> pictures_in(const std::string& directory, std::vector<std::string>& passed);

// Sub-folders of `directory`, in name order.
[[nodiscard]] std::vector<std::string> folders_in(const std::string& directory);

[[nodiscard]] bool is_clip(const std::string& path);

}  // namespace faceauth::eval
