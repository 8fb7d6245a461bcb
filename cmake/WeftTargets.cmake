# One folder is one static library `weft_<folder>`; its tests are one program `<folder>_test`.
#
#   weft_library(NAME sources... [DEPS libs...] [TESTS sources...] [TEST_DEPS libs...])
#
# DEPS of ours are named by folder (util, abi); anything else is passed to the linker as it is.

add_library(weft_flags INTERFACE)
target_include_directories(weft_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(weft_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer -fdata-sections -ffunction-sections)
target_link_options(weft_flags INTERFACE -fuse-ld=mold -Wl,--gc-sections)
target_compile_definitions(weft_flags INTERFACE
  WEFT_VERSION="${PROJECT_VERSION}" BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_CO_AWAIT
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(WEFT_SANITIZE STREQUAL "address")
  target_compile_options(weft_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(weft_flags INTERFACE -fsanitize=address,undefined)
elseif(WEFT_SANITIZE STREQUAL "thread")
  target_compile_options(weft_flags INTERFACE -fsanitize=thread)
  target_link_options(weft_flags INTERFACE -fsanitize=thread)
endif()

if(WEFT_BUILD_FUZZERS)
  # Coverage of all our code guides the fuzzers, not only of the target's own file.
  target_compile_options(weft_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

get_target_property(weft_options weft_flags INTERFACE_COMPILE_OPTIONS)
get_target_property(weft_definitions weft_flags INTERFACE_COMPILE_DEFINITIONS)
list(FILTER weft_definitions EXCLUDE REGEX WEFT_)
list(TRANSFORM weft_definitions PREPEND -D)
include(Precompiled)
weft_precompile(weft_system_headers system ${weft_options} ${weft_definitions})
if(WEFT_BUILD_TESTS)
  weft_precompile(weft_test_headers test ${weft_options} ${weft_definitions} -DGTEST_HAS_PTHREAD=1)
endif()

find_package(Threads REQUIRED)
# Everything but the C library is linked in: the program runs on a machine without its packages, and starts faster.
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL REQUIRED)
find_package(nlohmann_json REQUIRED)
if(WEFT_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()

function(weft_resolve_deps out)
  set(resolved "")
  foreach(dep IN LISTS ARGN)
    if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/src/${dep})
      string(REPLACE "/" "_" target ${dep})
      list(APPEND resolved weft_${target})
    else()
      list(APPEND resolved ${dep})
    endif()
  endforeach()
  set(${out} ${resolved} PARENT_SCOPE)
endfunction()

function(weft_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;TESTS;TEST_DEPS" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  weft_resolve_deps(deps ${ARG_DEPS})
  if(ARG_UNPARSED_ARGUMENTS)
    add_library(weft_${target} STATIC ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(weft_${target} PUBLIC weft_flags ${deps} PRIVATE weft_system_headers)
  else()
    add_library(weft_${target} INTERFACE)
    target_link_libraries(weft_${target} INTERFACE weft_flags ${deps})
  endif()
  if(WEFT_BUILD_TESTS AND ARG_TESTS)
    weft_resolve_deps(test_deps ${ARG_TEST_DEPS})
    add_executable(${target}_test ${ARG_TESTS})
    target_link_libraries(${target}_test PRIVATE weft_${target} weft_test_headers ${test_deps} GTest::gmock GTest::gtest_main)
    add_test(NAME ${target} COMMAND ${target}_test)
  endif()
endfunction()

# A libFuzzer target `<name>`; built only with WEFT_BUILD_FUZZERS.
function(weft_fuzzer name source)
  if(WEFT_BUILD_FUZZERS)
    weft_resolve_deps(deps ${ARGN})
    add_executable(${name} ${source})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE ${deps})
  endif()
endfunction()
