// One faced-vision process and the keeper's end of its socketpair. No event loop here.
#pragma once

#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace faceauth {

class EyeProcess {
 public:
  // Starts `program --models DIR`, with `--encoder FILE` unless that is empty. Its stdin and stdout are /dev/null,
  // stderr is ours, fd 3 is the link; the variables by which systemd talks to the keeper are not passed on. Errors:
  // eye_failed.
  [[nodiscard]] static Result<EyeProcess> spawn(const std::string& program, const std::string& models,
                                                const std::string& encoder);

  EyeProcess(EyeProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)), link_(std::move(other.link_)) {}
  EyeProcess& operator=(EyeProcess&& other) noexcept;
  EyeProcess(const EyeProcess&) = delete;
  EyeProcess& operator=(const EyeProcess&) = delete;
  ~EyeProcess();  // kills and reaps

  [[nodiscard]] int link() const noexcept { return link_.get(); }  // non-blocking; owned here
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  // One packet, never waiting. False when the eye is gone or does not read.
  [[nodiscard]] bool send(std::span<const std::uint8_t> packet, std::span<const Fd> files) const noexcept;

 private:
  EyeProcess(pid_t pid, Fd link) noexcept : pid_(pid), link_(std::move(link)) {}
  void end() noexcept;

  pid_t pid_ = -1;
  Fd link_;
};

}  // namespace faceauth
