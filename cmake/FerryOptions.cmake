# What holds for every target: language, warnings, sanitizers, and the chosen parts.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(FERRY_DEVICE_ONLY "Build the device library alone (cross builds)" OFF)
option(FERRY_FUZZ "Build the libFuzzer targets (clang)" OFF)
set(FERRY_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")

add_library(ferry_options INTERFACE)
target_include_directories(ferry_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ferry_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                                               -Wold-style-cast -Wcast-align -Wimplicit-fallthrough
                                               -Wno-missing-field-initializers -Werror
                                               # At -O3 GCC 12 takes concatenated strings for overlapping ones, and
                                               # compared vectors for larger ones than there can be.
                                               "$<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict;-Wno-stringop-overread>")
if(FERRY_SANITIZE)
  # Without vptr: it needs type information, which the device library is built without.
  add_compile_options(-fsanitize=${FERRY_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FERRY_SANITIZE})
  if(FERRY_SANITIZE STREQUAL thread)
    # Asio's fences, which ThreadSanitizer does not know, stand beside atomics that it does.
    add_compile_options(-Wno-tsan)
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

if(FERRY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # so that the fuzzer sees which code it reached
endif()

# The device library never throws, never asks for a type at run time, never allocates.
add_library(ferry_device_options INTERFACE)
target_link_libraries(ferry_device_options INTERFACE ferry_options)
target_compile_options(ferry_device_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)

# A cross build takes the one header of tl::expected from this folder, and nothing else that stands beside it.
set(FERRY_HEADERS /usr/include CACHE PATH "Where the folder tl is")
if(CMAKE_CROSSCOMPILING)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include)
  file(CREATE_LINK ${FERRY_HEADERS}/tl ${CMAKE_BINARY_DIR}/include/tl SYMBOLIC)
  include(mbedtls)
  target_include_directories(ferry_device_options SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/include)
endif()

find_program(FERRY_CCACHE ccache)
if(FERRY_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${FERRY_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FERRY_CCACHE})
endif()

if(NOT FERRY_DEVICE_ONLY)
  find_package(GTest REQUIRED)
  find_package(Threads REQUIRED)
  find_package(fmt REQUIRED)
  find_package(CLI11 REQUIRED)
endif()
