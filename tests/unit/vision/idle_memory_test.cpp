// What the eye's first process holds while nobody is being looked at.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "eye_under_test.h"

namespace faceauth::vision {
namespace {

double memory_mb(pid_t pid, const std::string& field) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field)) return std::stod(line.substr(field.size())) / 1024;
  return 1e9;
}

bool has_mapped(pid_t pid, const std::string& name) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(in, line);)
    if (line.find(name) != std::string::npos) return true;
  return false;
}

void wait_until_alone(const EyeUnderTest& eye) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!eye.workers(0).empty() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

// Keeper and eye together: 90 MB at most, of which the keeper takes less than 8.
TEST(IdleMemory, HoldsTheWeightsAndLittleElse) {
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  EXPECT_LT(memory_mb(eye.pid(), "Pss:"), 82);
  EXPECT_LT(memory_mb(eye.pid(), "Anonymous:"), 48);  // whoever shares libraries
}

TEST(IdleMemory, WhatAPictureTakesIsGivenBack) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  const double before = memory_mb(eye.pid(), "Anonymous:");
  const Fd woman = open_file(dir.put("woman.png", encoded(scene(Scene::woman_monday), ".png")));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(eye.look_at(woman.get()).encoded);
  wait_until_alone(eye);
  EXPECT_LT(memory_mb(eye.pid(), "Anonymous:"), before + 1);
}

// Formats that nobody asked for would come with it: GIS, DICOM, HDF5.
TEST(IdleMemory, OpenCvsImageLibraryIsNotThere) {
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  EXPECT_TRUE(has_mapped(eye.pid(), "libopencv_core"));
  EXPECT_FALSE(has_mapped(eye.pid(), "libopencv_imgcodecs"));
  EXPECT_FALSE(has_mapped(eye.pid(), "libgdal"));
}

}  // namespace
}  // namespace faceauth::vision
