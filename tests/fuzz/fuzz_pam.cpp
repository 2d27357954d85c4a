// Whole calls of the PAM module against a daemon that sends the input. Its first byte chooses the call (see Choice),
// and with kIdentify a second one the factors and the intent; the rest is what the daemon has to say, waiting in the
// socket before the module asks. The link wraps a few functions so that a run is repeatable: the nonce is all zeros,
// and nothing is logged.
#include "fuzz.h"

#include <faceauth/protocol.h>

#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace faceauth;

enum Choice : std::uint8_t {
  kChange = 1,         // chauthtok in place of authenticate
  kReport = 2,         // the option `report`
  kFirstPass = 4,      // try_first_pass, with a password at hand
  kQuiet = 8,          // quiet
  kNotRoot = 16,       // the module believes not to be root
  kTypesNothing = 32,  // the person only presses Enter
  kConvFails = 64,     // the conversation fails
  kIdentify = 128,     // identify, and the application knows no user
};

std::uint8_t choice = 0;
const std::uint8_t* daemon_data = nullptr;
std::size_t daemon_size = 0;
int listener = -1, connection = -1;

int converse(int count, const pam_message** messages, pam_response** out, void*) {
  if ((choice & kConvFails) != 0) return PAM_CONV_ERR;
  auto* responses = static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i)
    if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
      responses[i].resp = ::strdup((choice & kTypesNothing) != 0 ? "" : "typed");
  *out = responses;
  return PAM_SUCCESS;
}

struct World {
  std::string dir = "/tmp/faceauth-fuzz-XXXXXX";
  std::string socket;
  pam_handle_t* pamh = nullptr;
  pam_conv conversation{converse, nullptr};

  World() {
    fuzz::must(::mkdtemp(dir.data()) != nullptr, "a private directory");
    socket = dir + "/s";
    std::FILE* file = std::fopen((dir + "/fuzz").c_str(), "w");
    std::fputs("auth required pam_deny.so\n", file);
    std::fclose(file);
    fuzz::must(::pam_start_confdir("fuzz", "alice", &conversation, dir.c_str(), &pamh) == PAM_SUCCESS, "a PAM handle");
    listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.c_str(), socket.size());
    fuzz::must(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
    fuzz::must(::listen(listener, 8) == 0, "listen");
  }
  ~World() {
    ::pam_end(pamh, PAM_SUCCESS);
    ::close(listener);
    ::unlink(socket.c_str());
    ::unlink((dir + "/fuzz").c_str());
    ::rmdir(dir.c_str());
  }
};

template <class Body>
std::vector<std::uint8_t> frame(wire::Type type, const Body& body) {
  std::uint8_t out[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(out, type, wire::Nonce{}, body);
  return {out, out + size};
}

std::string present_user(pam_handle_t* pamh) {
  const void* name = nullptr;
  (void)::pam_get_item(pamh, PAM_USER, &name);
  return name != nullptr ? static_cast<const char*>(name) : "";
}

// Success without an acknowledgement first and the exact match, for the user who is let in, later in the daemon's words
// would be a hole.
void check_success(const std::string& user) {
  fuzz::must(!user.empty() && ((choice & kIdentify) != 0 || user == "alice"),
             "success has the user who was asked about");
  const auto match = frame(wire::Type::verdict, wire::VerdictBody{Verdict::match, {user.data(), user.size()}, true});
  const std::uint8_t* end = daemon_data + daemon_size;
  // Between the frame's size and its news, which is any line.
  fuzz::must(std::search(daemon_data, end, match.begin() + wire::kSizeField, match.end() - 2) != end,
             "success needs the exact match");
  fuzz::must(daemon_size > wire::kHeaderSize && daemon_data[5] == static_cast<std::uint8_t>(wire::Type::ack),
             "success needs an acknowledgement first");
}

}  // namespace

// The module has connected: this is the moment at which the daemon fills the socket.
extern "C" ssize_t __wrap_getrandom(void* out, std::size_t size, unsigned) {
  std::memset(out, 0, size);
  if (connection < 0) {
    connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (daemon_size > 0) (void)!::send(connection, daemon_data, daemon_size, MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(connection, SHUT_WR);
  }
  return static_cast<ssize_t>(size);
}
extern "C" uid_t __wrap_geteuid() { return (choice & kNotRoot) != 0 ? 1000 : ::getuid(); }
extern "C" void __wrap_pam_syslog(const pam_handle_t*, int, const char*, ...) {}
extern "C" int __real_pam_get_item(const pam_handle_t* pamh, int which, const void** item);
extern "C" int __wrap_pam_get_item(const pam_handle_t* pamh, int which, const void** item) {
  if (which != PAM_AUTHTOK && which != PAM_OLDAUTHTOK) return __real_pam_get_item(pamh, which, item);
  *item = (choice & (kFirstPass | kChange)) != 0 ? "at hand" : nullptr;
  return PAM_SUCCESS;
}

// libpam keeps data only for modules that it called itself.
const void* module_data = nullptr;
extern "C" int __wrap_pam_set_data(pam_handle_t*, const char*, void* data, void (*)(pam_handle_t*, void*, int)) {
  module_data = data;
  return PAM_SUCCESS;
}
extern "C" int __wrap_pam_get_data(const pam_handle_t*, const char*, const void** data) {
  *data = module_data;
  return PAM_SUCCESS;
}

constexpr const char* kFactors[] = {"factors=face", "factors=password", "factors=face|password",
                                    "factors=face+password"};
constexpr const char* kIntents[] = {"intent=none", "intent=enter", "intent=gesture"};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size == 0) return 0;
  choice = data[0];
  daemon_data = data + 1;
  daemon_size = size - 1;
  const std::string socket = "socket=" + world.socket;
  std::vector<const char*> argv{socket.c_str(), "timeout=1"};
  if ((choice & kReport) != 0) argv.push_back("report");
  if ((choice & kFirstPass) != 0) argv.push_back("try_first_pass");
  if ((choice & kQuiet) != 0) argv.push_back("quiet");
  const bool identify = (choice & kIdentify) != 0;
  if (identify && daemon_size > 0) {
    argv.insert(argv.end(), {"identify", kFactors[*daemon_data % 4], kIntents[*daemon_data / 4 % 3]});
    ++daemon_data;
    --daemon_size;
  }
  fuzz::must(::pam_set_item(world.pamh, PAM_USER, identify ? nullptr : "alice") == PAM_SUCCESS, "a user or none");
  const int argc = static_cast<int>(argv.size());
  const bool change = (choice & kChange) != 0;
  const int code = change ? pam_sm_chauthtok(world.pamh, PAM_UPDATE_AUTHTOK, argc, argv.data())
                          : pam_sm_authenticate(world.pamh, 0, argc, argv.data());
  fuzz::must(code != PAM_IGNORE, "no call is ignored");
  fuzz::must(change || (choice & kReport) == 0 || code != PAM_SUCCESS, "a report never succeeds");
  if (!change && code == PAM_SUCCESS) check_success(present_user(world.pamh));
  if (connection >= 0) ::close(connection);
  connection = -1;
  return 0;
}
