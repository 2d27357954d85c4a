// faced-vision, the eye: started by the keeper with a socket as descriptor 3.
#include <faced/vision/analyser.h>
#include <faced/vision/confine.h>
#include <faced/vision/link.h>
#include <faced/vision/service.h>

#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <exception>

namespace {

using namespace faceauth;
using namespace faceauth::vision;

enum Exit { kDone = 0, kInternal = 1, kUsage = 2, kModels = 3, kLink = 4 };

int report(Exit code, const std::string& message) {
  std::fprintf(stderr, "faced-vision: %s\n", message.c_str());
  return code;
}

// dlib calls whichever BLAS the system has. One that starts threads of its own makes single pictures slower.
void use_one_blas_thread() {
  using SetThreads = void (*)(int);
  if (auto set = reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
}

int run(const char* models_directory) {
  Result<Link> link = Link::adopt(eye::kLinkFd);
  if (!link) return report(kUsage, link.error().message + "; only faced starts this program");
  if (const Result<void> confined = confine_process(); !confined) return report(kInternal, confined.error().message);
  use_one_blas_thread();
  Result<Analyser> analyser = Analyser::load(models_directory);
  if (!analyser) return report(kModels, analyser.error().message);
  if (const Result<void> confined = confine_resources(); !confined) return report(kInternal, confined.error().message);
  Service service(*std::move(link), *std::move(analyser));
  if (const Result<void> served = service.run(); !served) return report(kLink, served.error().message);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::strcmp(argv[1], "--models") != 0)
    return report(kUsage, "usage: faced-vision --models DIRECTORY (only faced starts this program)");
  try {
    return run(argv[2]);
  } catch (const std::exception& e) {
    return report(kInternal, e.what());
  }
}
