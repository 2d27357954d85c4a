// The world of fuzz_keeper: a keeper with its store and a stand-in eye, clients of several uids, and the model.
#pragma once

#include "fuzz.h"

#include <daemon/support/invented_face.h>
#include <faced/server/session.h>
#include <faced/util/clock.h>
#include <tests/support/built.h>
#include <boost/asio/executor_work_guard.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::fuzz {

using std::chrono::milliseconds;
using wire::Type;

struct Person {
  const char* name;
  std::uint32_t uid, face;
  const char* password;
  bool registered;
};
inline constexpr Person kPeople[] = {{"ann", 1001, 11, "ann's", true},
                                     {"bob", 1002, 22, "bob's", true},
                                     {"carol", 1003, 33, "", false},
                                     {"", 0, 0, "", false}};  // everybody
inline constexpr std::uint32_t kPeers[] = {0, 1001, 1002, 1003};
inline constexpr const char* kPasswords[] = {"ann's", "bob's", "new", ""};
inline constexpr Factors kFactors[] = {Factors::unset, Factors::face, Factors::password, Factors::face_and_password};

inline std::uint32_t connecting_uid = 0;  // of the next connection

// ---- what the input is made of
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool left() const { return size_ > 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  template <class T, std::size_t N>
  const T& of(const T (&all)[N]) {
    return all[byte() % N];
  }
  std::vector<std::uint8_t> some() {
    const std::size_t many = std::min<std::size_t>(size_, byte() * 4U);
    const std::vector<std::uint8_t> bytes(data_, data_ + std::min(many, size_));
    data_ += bytes.size();
    size_ -= bytes.size();
    return bytes;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

struct Shown {
  std::uint32_t face = 0;  // 0: nobody's
  bool live = false;
};

// ---- the model
struct Known {
  bool registered = false, off = false;
  std::string password;
};
struct Model {
  std::map<std::string, Known> users;
  bool all_off = false;

  [[nodiscard]] bool face_opens(const Person& who, const Shown& shown) const {
    const Known& user = users.at(who.name);
    return user.registered && !user.off && !all_off && shown.live && shown.face == who.face;
  }
  [[nodiscard]] bool password_opens(const Person& who, std::string_view typed) const {
    const Known& user = users.at(who.name);
    return user.registered && !typed.empty() && user.password == typed;
  }
};

// ---- the keeper, and its clients
struct Client {
  std::uint32_t uid = 0;
  int fd = -1;
  std::shared_ptr<bool> served{};  // it has ended
  const Person* proved = nullptr;
  std::string proved_by;
};

struct Answered {
  wire::Header header;
  std::vector<std::uint8_t> body;
};

template <class Body>
std::optional<Body> as(const Answered& answer) {
  Body body;
  Reader reader(answer.body.data(), answer.body.size());
  return decode(reader, body) ? std::optional(body) : std::nullopt;
}

inline wire::Text text(std::string_view s) { return {s.data(), s.size()}; }

inline std::string new_directory() {
  std::string name = "/dev/shm/faceauth-fuzz-XXXXXX";
  must(::mkdtemp(name.data()) != nullptr, "a private directory");
  std::filesystem::create_directory(name + "/view");
  return name;
}

inline Config config_in(const std::string& directory) {
  const std::string toml = "[paths]\nstore = \"" + directory + "/store\"\n[camera]\ndevice = \"replay:" + directory +
                           "/view/%03d.jpg\"\nallow_replay = true\nreplay_fps = 240\n[liveness]\nmode = \"passive\"\n" +
                           "[auth]\ntimeout_s = 1\n[strong_auth]\nafter_boot = false\nmax_age_h = 0\n"
                           "[service.default]\nfactors = \"face|password\"\nintent = \"none\"\n";
  Result<LoadedConfig> loaded = parse_config(toml, "fuzz");
  must(loaded.has_value(), loaded ? "" : loaded.error().message.c_str());
  return std::move(loaded->config);
}

inline Store store_in(const std::string& directory) {
  Result<Store> store = Store::open(directory + "/store", Key());
  must(store.has_value(), "an empty store");
  return std::move(*store);
}

class World {
 public:
  World() {
    show({});
    eye_.start();
    must(wait_for([this] { return eye_.models().has_value(); }), "the stand-in eye starts");
    begin_anew();
    // Without this, a world in which nothing is ever granted would satisfy every rule.
    show({11, true});
    Client root{0};
    connect(root);
    const auto answer = ask(root, Type::auth_begin, login("ann", Factors::face), "");
    must(answer && as<wire::VerdictBody>(*answer)->verdict == Verdict::match, "ann's live face lets her in");
    hang_up(root);
  }
  ~World() {
    eye_.stop();
    std::filesystem::remove_all(directory_);
  }

  Model model;

  void begin_anew() {
    (void)keeper_.sos.release();
    keeper_.nobody = {};
    model = {};
    for (const Person& who : kPeople) {
      model.users[who.name] = {who.registered, false, who.password};
      if (*who.name == '\0') continue;
      (void)store_.remove_user(who.name);
      if (who.registered) enroll(who);
    }
  }

  void show(const Shown& shown) {
    std::ofstream(directory_ + "/draft") << "face " << shown.face << (shown.live ? "" : " live=0.05");
    std::filesystem::rename(directory_ + "/draft", directory_ + "/view/000.jpg");
  }

  void connect(Client& client) {
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0, "a pair of sockets");
    connecting_uid = client.uid;
    client.fd = ends[0];
    asio::local::stream_protocol::socket socket(io_, asio::local::stream_protocol(), ends[1]);
    client.served = std::make_shared<bool>(false);
    Peer peer = peer_of(socket.native_handle());
    asio::co_spawn(io_, serve(keeper_, std::make_shared<Connection>(std::move(socket), std::move(peer))),
                   [served = client.served](std::exception_ptr thrown) {
                     must(thrown == nullptr, "serving a connection never throws");
                     *served = true;
                   });
  }

  void hang_up(Client& client) {
    if (client.fd < 0) return;
    ::close(client.fd);
    must(wait_for([&] { return *client.served; }), "a connection ends when its client leaves");
    client = {client.uid};
  }

  static wire::AuthBegin login(const char* user, Factors factors) {
    return {.user = text(user), .service = text("fuzz"), .factors = factors, .timeout_ms = 500};
  }

  // The answer that ends a request; nothing when the connection ended instead.
  template <class Body>
  std::optional<Answered> ask(const Client& client, Type type, const Body& body, std::string_view typed) {
    std::uint8_t out[limits::kFrameMax];
    send(client, {out, out + wire::encode_frame(out, type, wire::Nonce{}, body)});
    return answer(client, typed);
  }

  std::optional<Answered> ask(const Client& client, const std::vector<std::uint8_t>& bytes, std::string_view typed) {
    send(client, bytes);
    return answer(client, typed);
  }

 private:
  template <class Done>
  bool wait_for(Done done, milliseconds most = milliseconds(30'000)) {
    const auto until = std::chrono::steady_clock::now() + most;
    while (!done()) {
      if (std::chrono::steady_clock::now() >= until) return false;
      io_.run_one_for(milliseconds(1));
    }
    return true;
  }

  void enroll(const Person& who) {
    Template one;
    one.info.label = "default";
    one.info.source = "photo";
    one.info.dlib_model = eye_.models()->dlib;
    one.info.feature_model = eye_.models()->feature;
    *one.encodings = {test::invented_dlib(who.face), test::invented_feature(who.face)};
    const std::string_view password = who.password;
    const Result<PasswordHash> hash =
        hash_password({reinterpret_cast<const std::uint8_t*>(password.data()), password.size()});
    std::vector<Template> templates;
    templates.push_back(std::move(one));
    must(store_.enroll(who.name, who.uid, std::move(templates), &*hash, {}, clock_.unix_time()).has_value(),
         "users can be registered");
  }

  static void send(const Client& client, const std::vector<std::uint8_t>& bytes) {
    (void)!::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  // False when the connection has ended, or says nothing more.
  bool read(const Client& client, std::uint8_t* out, std::size_t size) {
    bool ended = false;
    const auto take = [&] {
      const ssize_t got = ::recv(client.fd, out, size, 0);
      if (got > 0) {
        out += got;
        size -= static_cast<std::size_t>(got);
      }
      ended = got == 0 || (got < 0 && errno != EAGAIN);
      return size == 0 || ended;
    };
    return wait_for(take, milliseconds(2'500)) && !ended;
  }

  std::optional<Answered> answer(const Client& client, std::string_view typed) {
    for (;;) {
      std::uint8_t head[wire::kHeaderSize];
      Answered got;
      if (!read(client, head, sizeof head)) return std::nullopt;
      must(wire::decode_header(head, got.header), "what the keeper sends is a frame");
      got.body.resize(got.header.body_size);
      if (!read(client, got.body.data(), got.body.size())) return std::nullopt;
      switch (got.header.type) {
        case Type::done:
        case Type::failure:
        case Type::verdict:
        case Type::verify_result:
        case Type::identify_result:
        case Type::reported:
        case Type::status_result:
          return got;
        case Type::ask: {
          std::uint8_t out[limits::kFrameMax];
          const wire::Answer reply{typed.empty() ? wire::Answers::enter : wire::Answers::password, text(typed)};
          send(client, {out, out + wire::encode_frame(out, Type::answer, got.header.nonce, reply)});
          break;
        }
        default:
          break;
      }
    }
  }

  std::string directory_ = new_directory();
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  SystemClock clock_;
  std::shared_ptr<const Config> config_ = std::make_shared<const Config>(config_in(directory_));
  Store store_ = store_in(directory_);
  Eye eye_{io_, test::built::kStandInEye, *config_};
  Keeper keeper_{
      io_, config_, store_, eye_, clock_, BootId{1}, SosSwitch(config_->store), CameraMemory(config_->store)};
};

}  // namespace faceauth::fuzz
