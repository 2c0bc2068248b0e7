# Tests of the command line. The fuzz target's corpus lies in cli/test/corpus.
memprop_fuzz_target(fuzz_config SOURCES test/fuzz/config_fuzz.cpp DEPS memprop::config)

# Needs testbenches and so the kernel, but starts no run.
memprop_test(ablation_test
  SOURCES test/ablation_test.cpp ablation/plan.cpp
  DEPS memprop::config memprop::testbenches fmt::fmt)

if(MEMPROP_BUILD_TESTS)
  foreach(name IN ITEMS ablate_test command_line_test device_command_test info_test)
    add_test(NAME cli_${name}
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/test/${name}.py
                     $<TARGET_FILE:memprop>)
    set_tests_properties(cli_${name} PROPERTIES LABELS system TIMEOUT 600)
  endforeach()
endif()
