# One line a module: caco_module(NAME [GROUPED] DEPENDS modules... SOURCES files... TESTS files... LIBRARIES targets...)
#
# GROUPED compiles the module's files several at a time, so that the headers they share are read once: for modules whose headers cost more
# than their code. No two files of such a module may give the same name to something in their anonymous namespaces.
#
# Builds the static library caco_NAME from caco/NAME, and one test program caco_NAME_test from its x_test.cpp files. A module may
# use only the modules that it names (and what those name); tests/layering_test.py reads the same lines and fails on any other include.

find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(caco_flags INTERFACE)
target_compile_options(caco_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual
  # GCC 12 sees overlaps and overruns in inlined std::string code that are not there (GCC bug 105651 and its relatives).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds>
  $<$<BOOL:${CACO_WERROR}>:-Werror>)
target_include_directories(caco_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(caco_flags INTERFACE Threads::Threads)
if(CACO_SANITIZE)
  target_compile_options(caco_flags INTERFACE -fsanitize=${CACO_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(caco_flags INTERFACE -fsanitize=${CACO_SANITIZE})
endif()

function(caco_module name)
  cmake_parse_arguments(MODULE "GROUPED" "" "DEPENDS;SOURCES;TESTS;LIBRARIES" ${ARGN})
  set(folder ${CMAKE_SOURCE_DIR}/caco/${name})
  list(TRANSFORM MODULE_SOURCES PREPEND ${folder}/)
  list(TRANSFORM MODULE_TESTS PREPEND ${folder}/)
  list(TRANSFORM MODULE_DEPENDS PREPEND caco_)
  # scripts/lint switches off what makes building quick, so that each file is seen by itself.
  set(is_grouped OFF)
  if(MODULE_GROUPED AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    set(is_grouped ON)
  endif()
  add_library(caco_${name} STATIC ${MODULE_SOURCES})
  set_target_properties(caco_${name} PROPERTIES UNITY_BUILD ${is_grouped} UNITY_BUILD_BATCH_SIZE 8)
  target_link_libraries(caco_${name} PUBLIC caco_flags ${MODULE_DEPENDS} ${MODULE_LIBRARIES})
  if(name STREQUAL base)
    target_precompile_headers(caco_base PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  else()
    target_precompile_headers(caco_${name} REUSE_FROM caco_base)
  endif()
  if(BUILD_TESTING AND MODULE_TESTS)
    add_executable(caco_${name}_test ${MODULE_TESTS})
    set_target_properties(caco_${name}_test PROPERTIES UNITY_BUILD ${is_grouped} UNITY_BUILD_BATCH_SIZE 8)
    target_link_libraries(caco_${name}_test PRIVATE caco_${name} GTest::gtest GTest::gtest_main)
    target_compile_definitions(caco_${name}_test PRIVATE CACO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    if(name STREQUAL base)
      target_precompile_headers(caco_base_test PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_test.h)
    else()
      target_precompile_headers(caco_${name}_test REUSE_FROM caco_base_test)
    endif()
    add_test(NAME ${name} COMMAND caco_${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit)
  endif()
endfunction()
