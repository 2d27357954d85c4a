# Warnings, hardening and sanitizers. Presets choose FACEAUTH_SANITIZE; everything else holds for every build.
set(FACEAUTH_SANITIZE "" CACHE STRING "comma list for -fsanitize=, or empty")

# Each processor has its own protection of branches, and its compiler refuses the other's.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
  set(FACEAUTH_BRANCH_PROTECTION -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(FACEAUTH_BRANCH_PROTECTION -mbranch-protection=standard)
endif()

add_library(faceauth_flags INTERFACE)
target_compile_options(faceauth_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Wformat=2 -Wundef
  $<$<BOOL:${FACEAUTH_WERROR}>:-Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wextra-semi>
  -fstack-protector-strong -fstack-clash-protection ${FACEAUTH_BRANCH_PROTECTION} -fvisibility=hidden)
target_link_options(faceauth_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

# With a base directory ccache gives the compiler paths relative to the build folder, and options in another order; the
# debugging information shall read as it does without it, or a package depends on who compiled it.
target_compile_options(faceauth_flags INTERFACE -gno-record-gcc-switches)
if(NOT "${CMAKE_CXX_FLAGS}" MATCHES "--coverage")  # which looks for the sources by these paths
  target_compile_options(faceauth_flags INTERFACE -ffile-prefix-map=../=./ -ffile-prefix-map=include/=./build/include/)
endif()

# Everything is instrumented but test programs under ASan: they test libraries, modules and programs that are, and compiled as
# for the release they need not be compiled twice.
set(FACEAUTH_SANITIZE_OPTIONS "" CACHE STRING "semicolon list of options for what is instrumented")
set(FACEAUTH_SANITIZED $<NOT:$<BOOL:$<TARGET_PROPERTY:FACEAUTH_UNINSTRUMENTED>>>)
if(FACEAUTH_SANITIZE)
  set(options -fsanitize=${FACEAUTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all ${FACEAUTH_SANITIZE_OPTIONS})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # what it puts before functions it cannot put before a coroutine's parts
    list(APPEND options -fno-sanitize=function)
  endif()
  target_compile_options(faceauth_flags INTERFACE "$<${FACEAUTH_SANITIZED}:${options}>")
  target_link_options(faceauth_flags INTERFACE -fsanitize=${FACEAUTH_SANITIZE})
  if(FACEAUTH_SANITIZE MATCHES "thread")  # it knows no fences; what Asio hands over is under its mutexes besides
    target_compile_definitions(faceauth_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# Fortified where it is optimised; Debian's flags ask for it everywhere.
target_compile_options(faceauth_flags INTERFACE -U_FORTIFY_SOURCE)
if(NOT FACEAUTH_SANITIZE)
  target_compile_options(faceauth_flags INTERFACE
    $<$<NOT:$<OR:$<CONFIG:Debug>,$<BOOL:$<TARGET_PROPERTY:FACEAUTH_UNOPTIMISED>>>>:-D_FORTIFY_SOURCE=2>)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# What ccache needs to see of a precompiled header.
set(FACEAUTH_PRECOMPILED $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)

# faceauth_precompile(target HEADERS...): libraries' headers that most of its files pay for.
function(faceauth_precompile target)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE ${FACEAUTH_PRECOMPILED})
endfunction()

# faceauth_layer(name SOURCES... LINK...): one folder, one static library faceauth_<name>. Includes are written
# from the top: <faced/store/store.h>, <faceauth/result.h>.
function(faceauth_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(faceauth_${name} STATIC ${ARG_SOURCES})
  target_include_directories(faceauth_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(faceauth_${name} PUBLIC faceauth_include PRIVATE faceauth_flags)
  target_link_libraries(faceauth_${name} PUBLIC ${ARG_LINK})
endfunction()

# faceauth_executable(target SOURCES... LINK...)
function(faceauth_executable target)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${target} ${ARG_SOURCES})
  target_compile_options(${target} PRIVATE -fPIE)
  target_link_options(${target} PRIVATE -pie)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE faceauth_include faceauth_flags ${ARG_LINK})
endfunction()

# Test programs take most of a build: they are not optimised, what they test is, and they share one precompiled header.
function(faceauth_test_program target)
  set_target_properties(${target} PROPERTIES FACEAUTH_UNOPTIMISED ON)
  if(FACEAUTH_SANITIZE MATCHES "address" AND NOT FACEAUTH_FUZZ)
    set_target_properties(${target} PROPERTIES FACEAUTH_UNINSTRUMENTED ON)
  endif()
  target_compile_options(${target} PRIVATE -O0 -g1 ${FACEAUTH_PRECOMPILED})
  target_link_libraries(${target} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main)
endfunction()

# faceauth_test(target SOURCES... LINK...): a GoogleTest program whose cases CTest sees one by one. INSTRUMENTED, under
# sanitizers: where what is tested lies in headers. SHARDS: CTest sees so many parts of the program instead, each a process
# that loads once what its cases share; a part leaves its cases in gtest/PART.xml for who counts them (tools/dev/test.sh).
function(faceauth_test target)
  cmake_parse_arguments(ARG "INSTRUMENTED;MEASURES" "SHARDS" "SOURCES;LINK;PROPERTIES" ${ARGN})
  if(ARG_MEASURES)  # of nproc + 2 places (tools/dev/test.sh). They begin, or all others would have to be over first.
    list(APPEND ARG_PROPERTIES RESOURCE_LOCK time PROCESSORS 3 COST 100)
  endif()
  faceauth_executable(${target} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK})
  faceauth_test_program(${target})
  if(FACEAUTH_SANITIZE AND ARG_INSTRUMENTED)
    set_target_properties(${target} PROPERTIES FACEAUTH_UNINSTRUMENTED OFF)
  else()
    target_precompile_headers(${target} REUSE_FROM test_precompiled)
  endif()
  if(NOT target MATCHES "^(unit_accuracy|unit_vision|unit_sandbox)$" AND TARGET coverage_tests)
    add_dependencies(coverage_tests ${target})
  endif()
  if(ARG_SHARDS)
    faceauth_shards(${target} ${ARG_SHARDS} ${ARG_PROPERTIES})
  else()
    gtest_discover_tests(${target} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 ${ARG_PROPERTIES})
  endif()
endfunction()

function(faceauth_shards target count)
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    set(shard ${target}.${index})
    add_test(NAME ${shard} COMMAND ${CMAKE_COMMAND} -E env GTEST_BRIEF=1 GTEST_TOTAL_SHARDS=${count} GTEST_SHARD_INDEX=${index}
      GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/gtest/${shard}.xml $<TARGET_FILE:${target}>)
    set_tests_properties(${shard} PROPERTIES TIMEOUT 600 ${ARGN})
  endforeach()
endfunction()
