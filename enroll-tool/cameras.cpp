// Which cameras there are, which one a login uses, and what keeps the others out.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/holders.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Camera {
  std::string path, name, driver, bus, usb_id, serial, why, stable_path;
  std::vector<std::string> formats;
  bool infrared = false, is_virtual = false, removable = false, trusted = false, chosen = false;
  wire::CameraUse use = wire::CameraUse::idle;
  std::vector<Holder> holders;
};

// "MJPG"; what is no letter of one becomes '?'.
std::string fourcc(std::uint32_t format) {
  std::string text;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    const auto c = static_cast<char>(format >> shift & 0x7f);
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// A name that stays when the machine is started anew or the camera replugged.
std::string stable_path_of(const std::string& path) {
  for (const char* folder : {"/dev/v4l/by-id", "/dev/v4l/by-path"}) {
    std::error_code none;
    for (const fs::directory_entry& link : fs::directory_iterator(folder, none))
      if (fs::equivalent(link.path(), path, none)) return link.path();
  }
  return "";
}

Camera camera_of(const wire::CameraInfo& info, uid_t server) {
  Camera c;
  c.path = string_of(info.path);
  c.name = string_of(info.name);
  c.driver = string_of(info.driver);
  c.bus = string_of(info.bus);
  c.usb_id = string_of(info.usb_id);
  c.serial = string_of(info.serial);
  c.why = string_of(info.why);
  for (const std::uint32_t format : info.formats)
    if (format != 0) c.formats.push_back(fourcc(format));
  c.infrared = info.infrared;
  c.is_virtual = info.is_virtual;
  c.removable = info.removable;
  c.trusted = info.trusted;
  c.chosen = info.chosen;
  c.use = info.use;
  c.stable_path = stable_path_of(c.path);
  if (c.use == wire::CameraUse::others) c.holders = holders_of(c.path, server);
  return c;
}

// Asked by a person at this machine, or root: looking at a camera wakes it.
Result<std::vector<Camera>> ask(const Context& context) {
  Result<std::string> self = own_name();
  if (!self) return fail(std::move(self));
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  if (auto begun = connection->begin(wire::Type::cameras, wire::UserOnly{text_of(*self)}); !begun)
    return fail(std::move(begun));
  std::vector<Camera> cameras;
  for (;;) {
    const Result<Answer> answer = connection->next(kRecordsWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) return cameras;
    const auto info = Connection::decoded<wire::CameraInfo>(*answer, wire::Type::camera);
    if (!info) return tl::unexpected<Error>(info.error());
    cameras.push_back(camera_of(*info, connection->server_uid()));
  }
}

Json json_of(const Camera& c) {
  Json holders = Json::array();
  for (const Holder& h : c.holders) holders.push_back({{"pid", h.pid}, {"command", h.command}, {"user", h.user}});
  return {{"path", c.path},
          {"name", string_or_null(c.name)},
          {"driver", c.driver},
          {"bus", string_or_null(c.bus)},
          {"usb_id", string_or_null(c.usb_id)},
          {"serial", string_or_null(c.serial)},
          {"stable_path", string_or_null(c.stable_path)},
          {"kind", c.infrared ? "infrared" : "color"},
          {"formats", c.formats},
          {"virtual", c.is_virtual},
          {"removable", c.removable},
          {"trusted", c.trusted},
          {"why", string_or_null(c.why)},
          {"chosen", c.chosen},
          {"busy", c.use == wire::CameraUse::others},
          {"in_use_by_faced", c.use == wire::CameraUse::ours},
          {"holders", holders}};
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

const char* place_of(const Camera& c) {
  if (c.is_virtual) return "virtual";
  return c.removable ? "plugged in" : "built in";
}

// What it says of itself without the beginning that names it once more.
std::string why_of(const Camera& c) {
  const std::size_t end = c.why.starts_with(c.path + " (") ? c.why.find(") ") : std::string::npos;
  return end == std::string::npos ? c.why : c.why.substr(end + 2);
}

void show(const Output& out, const Camera& c) {
  out.show(fmt::format("{} {}{}{}", c.chosen ? "*" : " ", c.path, c.name.empty() ? "" : "  ", c.name));
  const auto line = [&](const char* title, const std::string& text) {
    if (!text.empty()) out.show(fmt::format("    {:<9}{}", title, text));
  };
  line("kind", fmt::format("{}, {}", c.infrared ? "infrared" : "color", place_of(c)));
  line("driver", c.driver + (c.bus.empty() ? "" : " at " + c.bus));
  line("usb", c.usb_id + (c.serial.empty() ? "" : ", serial " + c.serial));
  line("formats", joined(c.formats));
  line("name", c.stable_path);
  line("trusted", c.trusted ? (c.chosen ? "yes; logins use it" : "yes") : "no: " + why_of(c));
  if (c.use == wire::CameraUse::ours) line("in use", "by faced, which looks at somebody");
  if (c.use == wire::CameraUse::others)
    line("busy", c.holders.empty() ? "another program streams from it (root sees which)" : words_for(c.holders));
}

}  // namespace

Exit run_cameras(const Context& context) {
  const Result<std::vector<Camera>> cameras = ask(context);
  if (!cameras) return context.out.failed(cameras.error());
  Json all = Json::array();
  bool any_chosen = false;
  for (const Camera& camera : *cameras) {
    all.push_back(json_of(camera));
    show(context.out, camera);
    any_chosen = any_chosen || camera.chosen;
  }
  context.out.object({{"cameras", all}});
  if (cameras->empty())
    context.out.complain("there is no camera: is it plugged in, and its driver loaded?");
  else if (!any_chosen)
    context.out.complain("no login can use any of these cameras");
  return any_chosen ? Exit::ok : Exit::camera;
}

}  // namespace faceauth::enroll
