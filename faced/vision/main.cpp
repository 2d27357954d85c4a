// faced-vision, the eye: started by the keeper with a socket as descriptor 3.
#include <faced/vision/analyser.h>
#include <faced/vision/confine.h>
#include <faced/vision/image_decoder.h>
#include <faced/vision/link.h>
#include <faced/vision/zygote.h>

#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <opencv2/core.hpp>

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

// The ends of workers as something to poll; taken over by their first process only.
Fd child_exits() {
  sigset_t exits;
  sigemptyset(&exits);
  sigaddset(&exits, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &exits, nullptr);
  return Fd(::signalfd(-1, &exits, SFD_CLOEXEC | SFD_NONBLOCK));
}

struct Options {
  const char* models = nullptr;
  const char* encoder = nullptr;  // a description; null: the shipped one
};

// False: not what faced calls it with.
bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) return false;
    if (std::strcmp(argv[i], "--models") == 0)
      options.models = argv[i + 1];
    else if (std::strcmp(argv[i], "--encoder") == 0)
      options.encoder = argv[i + 1];
    else
      return false;
  }
  return options.models != nullptr;
}

int run(const Options& options) {
  Result<Link> link = Link::adopt(eye::kLinkFd);
  if (!link) return report(kUsage, link.error().message + "; only faced starts this program");
  if (const Result<void> confined = confine_process(); !confined) return report(kInternal, confined.error().message);
  use_one_blas_thread();
  const Result<Encoder> encoder =
      options.encoder == nullptr ? Result<Encoder>(shipped_encoder()) : load_encoder(options.encoder);
  if (!encoder) return report(kModels, encoder.error().message);
  Result<Analyser> analyser = Analyser::load(options.models, *encoder);
  if (!analyser) return report(kModels, analyser.error().message);
  warm_up_decoders();
  ::malloc_trim(0);      // the model files and what was made of them on the way
  cv::setNumThreads(0);  // 1 would still set up a pool of threads for itself
  Fd exits = child_exits();
  if (!exits.valid()) return report(kInternal, "signalfd failed");
  if (const Result<void> locked = lock_in(); !locked) return report(kInternal, locked.error().message);
  Zygote zygote(*std::move(link), *std::move(analyser), std::move(exits));
  if (const Result<void> served = zygote.run(); !served) return report(kLink, served.error().message);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options))
    return report(kUsage, "usage: faced-vision --models DIRECTORY [--encoder FILE] (only faced starts this program)");
  try {
    return run(options);
  } catch (const std::exception& e) {
    return report(kInternal, e.what());
  }
}
