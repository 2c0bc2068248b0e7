# memprop_fuzz_target(NAME SOURCES ... DEPS ...): a reader fed with arbitrary bytes, after libFuzzer.
#
# SOURCES define LLVMFuzzerTestOneInput. The ordinary suite replays the kept inputs in
# test/corpus/NAME/ of the calling folder (test NAME_corpus). With MEMPROP_FUZZ, which needs clang,
# NAME itself is built: a coverage-guided fuzzer with sanitizers. The preset "fuzz" sets both up:
#
#   cmake --preset fuzz && cmake --build --preset fuzz --target fuzzers
#   build/fuzz/learning/fuzz_idx -max_total_time=60 NEW_INPUTS learning/test/corpus/fuzz_idx
option(MEMPROP_FUZZ "Build the fuzzers (clang only)" OFF)
if(MEMPROP_FUZZ AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "MEMPROP_FUZZ needs clang for libFuzzer, got ${CMAKE_CXX_COMPILER_ID}: "
                      "use the preset \"fuzz\"")
endif()
if(MEMPROP_FUZZ)
  add_custom_target(fuzzers)
endif()

function(memprop_fuzz_target name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/test/corpus/${name}")
  set(targets "")
  if(MEMPROP_BUILD_TESTS)
    add_executable(${name}_replay ${ARG_SOURCES} "${PROJECT_SOURCE_DIR}/solvers/test/fuzz/replay_main.cpp")
    add_test(NAME ${name}_corpus COMMAND ${name}_replay "${corpus}")
    set_tests_properties(${name}_corpus PROPERTIES LABELS unit TIMEOUT 120)
    list(APPEND targets ${name}_replay)
  endif()
  if(MEMPROP_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
    list(APPEND targets ${name})
  endif()
  foreach(target IN LISTS targets)
    target_link_libraries(${target} PRIVATE ${ARG_DEPS})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
    memprop_private_flags(${target})
  endforeach()
endfunction()
