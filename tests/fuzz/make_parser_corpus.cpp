// Seeds for the parsers of files: configuration, records, backups, keyrings, pictures, camera frames, PAM services, and
// of what processes say of themselves.
#include "make_corpus.h"

#include <faceauth/picture.h>
#include <faced/crypto/aead.h>
#include <faced/store/backup_format.h>
#include <faced/store/keyring.h>
#include <faced/store/ledger_format.h>
#include <faced/store/record_format.h>
#include <fcntl.h>
#include <tests/support/built.h>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <opencv2/imgcodecs.hpp>
#include <span>

namespace {

using namespace faceauth;
using Input = std::vector<std::uint8_t>;
namespace fs = std::filesystem;

Input bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Input joined(std::initializer_list<std::span<const std::uint8_t>> parts) {
  Input all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

const fs::path& sources() {
  static const fs::path root = faceauth::test::built::kSource;
  return root;
}

void configurations() {
  write_seed("config", "default", bytes_in(sources() / "etc/faced.toml"));
  write_seed("config", "pinned",
             bytes_of("[camera]\ndriver = \"uvcvideo\"\nbus = \"usb-1\"\nusb_id = \"04f2:b6d9\"\nserial = \"0001\"\n"
                      "removable = \"refuse\"\nlid = \"ignore\"\ntemplates = \"same\"\n"));
  write_seed(
      "config", "two_cameras",
      bytes_of("[camera]\nkind = \"color\"\ninfrared = \"/dev/video2\"\ninfrared_usb_id = \"04f2:b6da\"\n"
               "[match]\ncameras = \"both\"\nadapt = true\nadapt_templates = 3\n[liveness]\nmode = \"active\"\n"));
  write_seed("config", "replay", bytes_of("[camera]\nallow_replay = true\ndevice = \"replay:/a/%03d.jpg\"\n"));
  write_seed("config", "services",
             bytes_of("[service.default]\nfactors = \"none\"\n[service.sudo]\nfactors = \"face+password\"\n"
                      "intent = \"enter\"\nremote = \"allow\"\n"));
}

UserSummary ann() {
  UserSummary user;
  user.name = "ann";
  user.uid = 1000;
  user.created = UnixTime(std::chrono::seconds(1'700'000'000));
  user.state.face_failures = 3;
  user.state.face_disabled = true;
  return user;
}

Template one_template() {
  Template entry;
  entry.info = {.id = {1, 2, 3},
                .label = "desk",
                .source = "camera 0123abcd",
                .dlib_model = "dlib:01",
                .feature_model = "feature:02",
                .created = ann().created};
  for (std::size_t i = 0; i < entry.encodings->dlib.size(); ++i) entry.encodings->dlib[i] = static_cast<float>(i);
  return entry;
}

void records() {
  const auto put = [](const char* name, std::uint8_t kind, const auto& record) {
    write_seed("records", name, joined({std::span(&kind, 1), std::span<const std::uint8_t>(record)}));
  };
  put("header", 0, format::encode(format::UserHeader{1000, ann().created, {7}}));
  put("body", 1, format::encode(format::UserBody{true, 2, 9}));
  put("state", 2, format::encode(ann().state));
  put("detail", 3, format::encode(format::TemplateDetail{1, ann().created, "desk", "photo"}));
  const std::array<std::uint8_t, 8> sealed{1, 2, 3, 4, 5, 6, 7, 8};
  put("template", 4, format::encode(format::TemplateRecord{"dlib:01", "feature:02", sealed, sealed}));
  AuditEvent event;
  event.kind = AuditKind::login;
  event.user = "ann";
  event.service = "sudo";
  event.tty = "pts/0";
  event.rhost = "host.example";
  event.verdict = Verdict::match;
  put("entry", 5, format::encode(event));
  put("head", 6, format::encode(LedgerHead{}));
  put("key", 7, format::ledger_key(258));
}

void backups() {
  Input whole;
  const auto add = [&whole](std::span<const std::uint8_t> item) {
    const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(item.size()),
                                           static_cast<std::uint8_t>(item.size() >> 8)};
    whole = joined({whole, size, item});
  };
  const backup::HeadBytes head = backup::encode(backup::Head{});
  whole.assign(head.begin(), head.end());
  add(backup::encode_start(ann().created).bytes());
  UserSummary user = ann();
  user.templates.push_back(one_template().info);
  add(backup::encode(user, nullptr).bytes());
  add(backup::encode(one_template()).bytes());
  add(backup::encode_end({1, 1}).bytes());
  write_seed("backup", "one_user", whole);
}

void keyrings() {
  std::string path = "/tmp/faceauth-corpus-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return corpus_fails("no folder for a keyring can be made");
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  auto keyring = Keyring::create(directory, path, random_key());
  if (keyring && keyring->add(2) && keyring->add_slot(random_key()))
    write_seed("keyring", "two_users_two_slots", bytes_in(fs::path(path) / format::kKeyringFile));
  else
    corpus_fails("no keyring can be made");
  ::close(directory);
  fs::remove_all(path);
  write_seed("keyring", "version_1", bytes_in(sources() / "tests/vectors/store-schema1/keyring"));
}

void pictures() {
  cv::Mat picture(24, 32, CV_8UC3);
  cv::randu(picture, 0, 255);
  for (const char* kind : {"jpg", "png", "bmp", "webp", "ppm"}) {
    Input file;
    cv::imencode(std::string(".") + kind, picture, file);
    write_seed("picture", kind, file, Seed::of_a_library);
    if (kind != std::string("jpg")) continue;
    // MJPEG: the choice of fuzz_frame.cpp in front.
    const std::array<std::uint8_t, 7> mjpeg{0, 32, 0, 24, 0, 0, 0};
    write_seed("frame", "mjpeg", joined({mjpeg, file}), Seed::of_a_library);
    // The same, held upside down: an APP1 segment behind the start marker.
    const Input exif{0xFF, 0xE1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                     1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, 3,   0,   0,  0, 0, 0, 0, 0};
    write_seed("picture", "upside_down", joined({std::span(file).first(2), exif, std::span(file).subspan(2)}),
               Seed::of_a_library);
    write_seed("picture", "exif_alone", Input(exif.begin() + 4, exif.end()));
  }
  const auto raw = [](const char* name, std::uint8_t format, std::uint8_t stride, std::size_t size) {
    Input frame{format, 16, 0, 8, 0, stride, 0};
    frame.resize(frame.size() + size, 0x55);
    write_seed("frame", name, frame);
  };
  raw("yuyv", 2, 32, 16 * 8 * 2);
  raw("nv12", 4, 16, 16 * 8 * 3 / 2);
  raw("grey", 5, 16, 16 * 8);
  raw("y16", 6, 32, 16 * 8 * 2);
}

// The choice of fuzz_process.cpp in front.
void processes() {
  const auto put = [](const char* name, std::string_view text) { write_seed("process", name, bytes_of(text)); };
  put("stat",
      "\x01"
      "4711 (sshd) S 1 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 10 11 1844674407 1 1\n");
  put("stat_with_brackets",
      "\x01"
      "42 (a) S 1 (b) R 7 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 5 10 11 12\n");
  put("unit",
      "\x03"
      "polkit-agent-helper@7-99-4711_3141592653-1000.service");
  put("command", std::string_view("\x02/usr/bin/sudo\0-u\0ann\0\033[2J\0", 27));
}

// The first byte is fuzz_typing.cpp's Setting.
void typed_lines() {
  const auto put = [](const char* name, char settings, std::string_view keys) {
    write_seed("typing", name, bytes_of(settings + std::string(keys)));
  };
  put("password", 0, "secret\n");
  put("at_once", 16, "secret\r");
  put("mistakes", 0,
      "\n\n\x7f"
      "abd\x7f"
      "c \x17"
      "x\x15"
      "abc\x04");
  put("letters", 0, "gr\u00fc\x7f\u00e9\n");
  put("interrupted", 2,
      "abc\x03"
      "def\n");
  put("no_signals", 1,
      "abc\x03"
      "def\n");
  put("stopped_output", 0,
      "\x13"
      "abc\x11\n");
  put("too_long", 0, std::string(520, 'a') + "\n");
  put("leaves", 0, "\x04");
}

void published_lines() {
  write_seed("redaction", "log",
             bytes_of("2024-02-29T12:00:00 faced[7]: user ann... of box: --bind_pw='two words' [token=x y] "
                      "key=0123456789abcdef0123456789abcdef== /home/b.o-b/x\n"));
}

// Of a picture as the eye hands it on: box, terminal, header, pixels; see fuzz_shown_picture.cpp.
void shown_pictures() {
  const std::array<std::uint8_t, 6> choice{10, 10, 20, 20, 40, 12};
  const picture::Header header{2, 16, 12, 640, 480};
  Input memory(picture::kPixelsAt + 3 * header.width * header.height);
  std::iota(memory.begin(), memory.end(), std::uint8_t{0});
  std::memcpy(memory.data(), &header, sizeof header);
  write_seed("shown_picture", "small", joined({choice, memory}));
}

void pam_services() {
  write_seed("pam_stack", "common_auth",
             bytes_of("auth [success=2 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
                      "auth required pam_permit.so\n"));
  write_seed("pam_stack", "includes",
             bytes_of("@include common-auth\n-session optional pam_systemd.so\n"
                      "auth include system-auth # why\nauth substack x\n"));
  write_seed("pam_stack", "brackets",
             bytes_of("AUTH [success=done new_authtok_reqd=ok\\\n default=die] /lib/x.so [a b] c\\]d\n"));
}

void howdy_models() {
  std::string row = "[0.12";
  for (int i = 1; i < 128; ++i) row += ", -0.12";
  const std::string model = "{\"time\": 1700000000, \"label\": \"glasses\", \"id\": 1, \"data\": [" + row + "]]}";
  write_seed("howdy", "two_models", bytes_of("[" + model + ", " + model + "]"));
  write_seed("howdy", "name", bytes_of("alice.dat"));
  write_seed("howdy", "short",
             bytes_of("[{\"time\": 1700000000, \"label\": \"a\", \"id\": 0, \"data\": [[0.1, 0.2]]}]"));
  write_seed("howdy", "deep", bytes_of(std::string(40, '[') + std::string(40, ']')));
  write_seed("howdy", "quotes",
             bytes_of("[{\"time\": 1.5e9, \"label\": \"a\\\"[[[[[[[[[\\\\\", \"data\": [[1e400]]}]"));
}

}  // namespace

void write_parser_seeds() {
  howdy_models();
  configurations();
  records();
  backups();
  keyrings();
  pictures();
  pam_services();
  processes();
  shown_pictures();
  published_lines();
  typed_lines();
}
