# ferry_module(NAME [DEVICE] [SOURCES ...] [TESTS ...] [DEPENDS ...] [TEST_DEPENDS ...])
#
# One module is one folder: a static library ferry_NAME from SOURCES (header-only without any), and one GoogleTest
# program ferry_NAME_test from TESTS, which stand beside the code. DEVICE modules are built without exceptions
# and RTTI; their tests have the label `device`, and the target device_tests builds them. DEPENDS are public.
add_custom_target(device_tests)

function(ferry_module name)
  cmake_parse_arguments(ARG "DEVICE" "" "SOURCES;TESTS;DEPENDS;TEST_DEPENDS" ${ARGN})
  set(options ferry_options)
  if(ARG_DEVICE)
    set(options ferry_device_options)
  endif()
  if(ARG_SOURCES)
    add_library(ferry_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(ferry_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${options})
    target_include_directories(ferry_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  else()
    add_library(ferry_${name} INTERFACE)
    target_link_libraries(ferry_${name} INTERFACE ${ARG_DEPENDS})
    target_include_directories(ferry_${name} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
  if(ARG_TESTS AND NOT FERRY_DEVICE_ONLY)
    ferry_test(ferry_${name}_test SOURCES ${ARG_TESTS} DEPENDS ferry_${name} ${ARG_TEST_DEPENDS})
    if(ARG_DEVICE)
      ferry_device_test(ferry_${name}_test)
    endif()
  endif()
endfunction()

# ferry_test(TARGET [SHARDS N] SOURCES ... DEPENDS ...): a GoogleTest program, registered as one CTest test, or as N that
# share its tests and may run at a time.
function(ferry_test target)
  cmake_parse_arguments(ARG "" "SHARDS" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_DEPENDS} ferry_options GTest::gtest GTest::gmock GTest::gtest_main)
  if(NOT ARG_SHARDS)
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES TIMEOUT 300)
    return()
  endif()
  math(EXPR last "${ARG_SHARDS} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${target}_${shard} COMMAND ${target})
    set_tests_properties(${target}_${shard} PROPERTIES TIMEOUT 1200 ENVIRONMENT
                         "GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

# Tests of the device library that script/test runs with sanitizers too.
function(ferry_device_test target)
  set_tests_properties(${target} PROPERTIES LABELS device)
  add_dependencies(device_tests ${target})
endfunction()
