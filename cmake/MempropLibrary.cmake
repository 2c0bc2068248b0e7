# memprop_library(NAME SOURCES ... DEPS ... PRIVATE_DEPS ...): one folder of the project as a static
# library memprop::NAME, its headers installed below include/memprop/ as in the project.
# memprop_test(NAME SOURCES ... DEPS ... [LABELS ...] [SYSTEMC]): a GoogleTest executable, each case
# registered with CTest as a process of its own.

set(MEMPROP_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=return-type)
if(MEMPROP_WERROR)
  list(APPEND MEMPROP_WARNINGS -Werror)
endif()

function(memprop_private_flags target)
  target_compile_options(${target} PRIVATE ${MEMPROP_WARNINGS} -fopenmp-simd
                         $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
  # GCC defaults to 256-bit vectors on machines whose 512-bit units are faster for these kernels.
  if(MEMPROP_NATIVE)
    # GCC 12 warns inside its own AVX-512 intrinsics (GCC bug 105593), which Eigen uses.
    target_compile_options(${target} PRIVATE -march=native -mprefer-vector-width=512
                           -Wno-maybe-uninitialized)
  endif()
  if(MEMPROP_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MEMPROP_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=undefined)
    target_link_options(${target} PUBLIC -fsanitize=${MEMPROP_SANITIZE})
  endif()
endfunction()

function(memprop_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target memprop_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(memprop::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_17)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/memprop>)
  target_link_libraries(${target} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  memprop_private_flags(${target})
  set_property(GLOBAL APPEND PROPERTY MEMPROP_TARGETS ${target})
  # Where the includes of the project expect it: named from the root ("cli/config/config.hpp").
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/memprop/${folder}
          FILES_MATCHING PATTERN "*.hpp" PATTERN "test" EXCLUDE PATTERN "benchmark" EXCLUDE PATTERN "internal" EXCLUDE PATTERN "hdf5" EXCLUDE)
endfunction()

function(memprop_test name)
  if(NOT MEMPROP_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "SYSTEMC" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest)
  if(NOT ARG_SYSTEMC)
    target_link_libraries(${name} PRIVATE GTest::gtest_main)
  endif()
  target_compile_definitions(${name} PRIVATE MEMPROP_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             MEMPROP_TEST_DATA_DIR="${MEMPROP_DATA_DIR}")
  memprop_private_flags(${name})
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
endfunction()

function(memprop_benchmark name)
  if(NOT MEMPROP_BUILD_BENCHMARKS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} benchmark::benchmark)
  memprop_private_flags(${name})
endfunction()
