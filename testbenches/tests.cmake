# Tests of the whole: chips under the kernel, and runs of the command.
set(MEMPROP_SYSTEM_TESTS
    test/controller_replay_test.cpp
    test/determinism_test.cpp
    test/energy_cycles_test.cpp
    test/slot_test.cpp)
foreach(file IN ITEMS test/golden_cycle_test.cpp test/state_monitor_test.cpp)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    list(APPEND MEMPROP_SYSTEM_TESTS ${file})
  endif()
endforeach()
memprop_test(testbenches_test SYSTEMC
  SOURCES test/systemc_main.cpp ${MEMPROP_SYSTEM_TESTS}
  DEPS memprop::testbenches fmt::fmt
  LABELS system)

if(MEMPROP_BUILD_TESTS)
  foreach(name IN ITEMS bad_run_input_test divergence_test resume_test trace_python_test)
    add_test(NAME testbenches_${name}
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/test/${name}.py
                     $<TARGET_FILE:memprop>)
    set_tests_properties(testbenches_${name} PROPERTIES LABELS system TIMEOUT 300)
  endforeach()
endif()
