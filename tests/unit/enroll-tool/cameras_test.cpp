#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

wire::CameraInfo laptop() {
  wire::CameraInfo c;
  c.path = {"/dev/video-none", 15};
  c.name = {"Integrated Camera", 17};
  c.driver = {"uvcvideo", 8};
  c.bus = {"usb-0000:00:14.0-6", 18};
  c.usb_id = {"04f2:b6d9", 9};
  c.formats[0] = V4L2_PIX_FMT_MJPEG;
  c.formats[1] = V4L2_PIX_FMT_YUYV;
  c.trusted = c.chosen = true;
  return c;
}

wire::CameraInfo loopback() {
  wire::CameraInfo c;
  c.path = {"/dev/video-two", 14};
  c.driver = {"v4l2 loopback", 13};
  c.is_virtual = true;
  c.use = wire::CameraUse::others;
  static const std::string why = "/dev/video-two (v4l2 loopback, platform:0, virtual) is a virtual camera";
  c.why = text(why);
  return c;
}

TEST(Cameras, EachWithWhatItIsAndWhatKeepsItOut) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.answer(wire::Type::camera, laptop());
    peer.answer(wire::Type::camera, loopback());
    peer.done();
  });
  const Ran json = run_tool({"--config", keeper.config(), "cameras", "--json"});
  EXPECT_EQ(json.exit, 0);
  const auto cameras = json.json()["cameras"];
  ASSERT_EQ(cameras.size(), 2U);
  EXPECT_EQ(cameras[0], nlohmann::json::parse(R"({"path":"/dev/video-none","name":"Integrated Camera",
    "driver":"uvcvideo","bus":"usb-0000:00:14.0-6","usb_id":"04f2:b6d9","serial":null,"stable_path":null,"kind":"color",
    "formats":["MJPG","YUYV"],"virtual":false,"removable":false,"trusted":true,"why":null,"chosen":true,"busy":false,
    "in_use_by_faced":false,"holders":[]})"));
  EXPECT_EQ(cameras[1]["trusted"], false);
  EXPECT_EQ(cameras[1]["busy"], true);
  const Ran page = run_tool({"--config", keeper.config(), "cameras"});
  EXPECT_EQ(page.exit, 0);
  for (const char* shown : {"* /dev/video-none  Integrated Camera", "color, built in", "MJPG, YUYV",
                            "yes; logins use it", "no: is a virtual camera", "another program streams from it"})
    EXPECT_NE(page.out.find(shown), std::string::npos) << shown << "\n" << page.out;
}

TEST(Cameras, AreAskedForInOnesOwnName) {
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    peer.ack();
    EXPECT_EQ(str(request.body<wire::UserOnly>().user).empty(), false);
    EXPECT_TRUE(request.decoded_);
    peer.answer(wire::Type::camera, laptop());
    peer.done();
  });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "cameras", "--json"}).exit, 0);
}

TEST(Cameras, NoneThatALoginCanUseIsTheCameraExitCode) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.answer(wire::Type::camera, loopback());
    peer.done();
  });
  const Ran ran = run_tool({"--config", keeper.config(), "cameras"});
  EXPECT_EQ(ran.exit, 8);
  EXPECT_NE(ran.err.find("no login can use any"), std::string::npos) << ran.err;
}

TEST(Cameras, WhatCouldSteerATerminalIsNotPrinted) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    wire::CameraInfo hostile = laptop();
    hostile.name = {"\x1b[2Jcamera", 10};
    hostile.formats[0] = 0x1b1b1b1b;
    peer.ack();
    peer.answer(wire::Type::camera, hostile);
    peer.done();
  });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "cameras"}).out.find('\x1b'), std::string::npos);
}

TEST(Cameras, Refused) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.refuse(Errc::not_permitted); });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "cameras"}).exit, 3);
}

}  // namespace
}  // namespace faceauth::test
