// A configuration's text as these tests parse it.
#pragma once

#include <faced/config/config.h>
#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace faceauth {

inline LoadedConfig loaded(std::string_view text) {
  Result<LoadedConfig> result = parse_config(text, "f.toml");
  EXPECT_TRUE(result.has_value()) << text << "\n" << (result ? "" : result.error().message);
  return result ? *std::move(result) : LoadedConfig{{}, {"refused"}};
}

inline Error refused(std::string_view text) {
  const Result<LoadedConfig> result = parse_config(text, "f.toml");
  EXPECT_FALSE(result.has_value()) << text;
  return result ? Error{Errc::ok, ""} : result.error();
}

}  // namespace faceauth
