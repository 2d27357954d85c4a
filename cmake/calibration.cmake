# models/calibration becomes constants. A number that is missing, twice there, unknown or malformed stops the build, and
# so does a calibration made with other models than models/manifest fetches, or one that does not say of all of them: the
# decision turns on every file below models/.
set(calibration_file ${PROJECT_SOURCE_DIR}/models/calibration)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${calibration_file} ${PROJECT_SOURCE_DIR}/models/manifest)
set(calibration_missing
  feature.convenient feature.balanced feature.strict feature.per_decade feature.single_frame dlib liveness.least liveness.least_tight liveness.surroundings
  challenge.moving_feature challenge.turn_deg challenge.nod_deg challenge.shift challenge.eyes_seen challenge.eyes_shut challenge.eyes_open
  attention.yaw_deg attention.pitch_deg attention.eyes_open identify.margin)
foreach(gate login enrolment)
  foreach(bound face_height_px sharpness brightness_least brightness_most yaw_deg pitch_deg)
    list(APPEND calibration_missing ${gate}.${bound})
  endforeach()
endforeach()

file(READ ${PROJECT_SOURCE_DIR}/models/manifest calibration_manifest)
file(STRINGS ${calibration_file} calibration_lines REGEX "^[^#]")
string(REGEX MATCHALL "\nfile models/[^ ]+" calibration_unnamed "${calibration_manifest}")
list(TRANSFORM calibration_unnamed REPLACE ".*/" "")
set(calibration_version "")
set(calibration_constants "")
foreach(line ${calibration_lines})
  if(line MATCHES "^version ([1-9][0-9]*)$" AND NOT calibration_version)
    set(calibration_version ${CMAKE_MATCH_1})
  elseif(line MATCHES "^made-with ([^ ]+) ([0-9a-f]+)$")
    string(FIND "${calibration_manifest}" "file models/${CMAKE_MATCH_1} ${CMAKE_MATCH_2} " calibration_at)
    if(calibration_at EQUAL -1)
      message(FATAL_ERROR "models/calibration was made with another ${CMAKE_MATCH_1} than models/manifest fetches")
    endif()
    list(REMOVE_ITEM calibration_unnamed ${CMAKE_MATCH_1})
  elseif(line MATCHES "^([a-z_.]+) ([0-9]+(\\.[0-9]+)?)$" AND CMAKE_MATCH_1 IN_LIST calibration_missing)
    set(calibration_name ${CMAKE_MATCH_1})
    set(calibration_value ${CMAKE_MATCH_2})
    list(REMOVE_ITEM calibration_missing ${calibration_name})
    string(REPLACE "." "_" calibration_name ${calibration_name})
    if(NOT calibration_value MATCHES "\\.")
      string(APPEND calibration_value ".0")
    endif()
    string(APPEND calibration_constants "inline constexpr float ${calibration_name} = ${calibration_value}F;\n")
  else()
    message(FATAL_ERROR "models/calibration: not understood, or there twice: ${line}")
  endif()
endforeach()
if(calibration_unnamed)
  message(FATAL_ERROR "models/calibration does not say made-with which: ${calibration_unnamed}")
endif()
if(calibration_missing OR NOT calibration_version)
  message(FATAL_ERROR "models/calibration lacks: version=${calibration_version} ${calibration_missing}")
endif()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/include/faced/auth/calibration.h @ONLY CONTENT
"// Written by CMake from models/calibration.
#pragma once

namespace faceauth::calibration {

inline constexpr unsigned version = ${calibration_version};
${calibration_constants}
}  // namespace faceauth::calibration
")
