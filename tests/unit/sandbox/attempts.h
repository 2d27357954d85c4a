// What somebody who broke into the eye would try. Each attempt is harmless by itself.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace faceauth::vision {

// Prepared outside, before the process is locked in; what an attempt goes for.
struct Targets {
  std::string directory;  // holds `store` and `victim.txt`, may be written
  std::string store;      // stands for the keeper's: readable by its owner only
  pid_t keeper = -1;      // a process of the same user, with `keeper_memory` at that address
  const char* keeper_memory = nullptr;
  int file = -1;      // open for writing, as a descriptor that was passed in
  int terminal = -1;  // a pseudo terminal
  int socket = -1;    // connected, like the one to the keeper
};

struct Attempt {
  enum class Place {
    nowhere,       // must fail in the first process and in workers
    first_process  // is what the first process does for a living; must fail in workers
  };
  enum class Outside {
    succeeds,  // on every Linux: shows that the attempt can succeed
    depends    // on what this kernel was built with and this user may do
  };

  const char* name;
  int (*run)(const Targets&);  // 0 when it succeeded, else the errno
  Outside outside = Outside::succeeds;
  Place allowed = Place::nowhere;
  int landlock = 0;      // the version of Landlock since which it alone stops the attempt as well; 0: it does not
  bool limited = false;  // stopped by a resource limit, not by the filter
};

[[nodiscard]] std::vector<Attempt> file_attempts();
[[nodiscard]] std::vector<Attempt> process_attempts();
[[nodiscard]] std::vector<Attempt> kernel_attempts();

int kill_keeper(const Targets& t);

// The errno of a result that is negative, 0 of any other.
[[nodiscard]] int outcome(long result);

}  // namespace faceauth::vision
