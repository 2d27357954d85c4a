# models/fr_feature.toml becomes part of the programs, so that nobody can change what they ship with by changing a file.
set(shipped_encoder_file ${PROJECT_SOURCE_DIR}/models/fr_feature.toml)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${shipped_encoder_file})
file(READ ${shipped_encoder_file} shipped_encoder_text)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/include/faced/config/shipped_encoder.h @ONLY CONTENT
"// Written by CMake from models/fr_feature.toml.
#pragma once

namespace faceauth::config_detail {

inline constexpr char kShippedEncoder[] = R\"toml(${shipped_encoder_text})toml\";

}  // namespace faceauth::config_detail
")
