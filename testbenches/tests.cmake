# Tests of the whole: chips under the kernel, and runs of the command.
set(MEMPROP_SYSTEM_TESTS
    test/controller_replay_test.cpp
    test/determinism_test.cpp
    test/energy_cycles_test.cpp
    test/sample_order_test.cpp
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

memprop_test(tile_effects_test SYSTEMC
  SOURCES test/systemc_main.cpp test/jart_training_test.cpp
          test/tile_effects_test.cpp test/tile_wires_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)

memprop_test(adaptation_chip_test SYSTEMC
  SOURCES test/systemc_main.cpp test/adaptation_chip_test.cpp
          test/adaptation_errors_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)
memprop_test(link_chip_test SYSTEMC
  SOURCES test/systemc_main.cpp test/link_chip_test.cpp test/optimiser_chip_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)
memprop_test(dendritic_chip_test SYSTEMC
  SOURCES test/systemc_main.cpp test/dendritic_chip_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)
memprop_test(sleep_chip_test SYSTEMC
  SOURCES test/systemc_main.cpp test/sleep_chip_test.cpp test/sleep_tiles_test.cpp
  DEPS memprop::hw_models memprop::learning memprop::digital fmt::fmt
  LABELS system)

memprop_test(resistive_chip_test SYSTEMC
  SOURCES test/systemc_main.cpp test/resistive_chip_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)

# Resistive networks: software and circuit side by side; ngspice judges where it is installed.
memprop_test(resistive_circuit_test
  SOURCES test/resistive_circuit_test.cpp
  DEPS memprop::learning memprop::analog)
if(TARGET resistive_circuit_test)
  target_compile_definitions(resistive_circuit_test PRIVATE
    MEMPROP_NGSPICE="$<$<BOOL:${MEMPROP_NGSPICE}>:${MEMPROP_NGSPICE}>")
endif()

if(MEMPROP_BUILD_TESTS)
  foreach(name IN ITEMS bad_run_input_test combinations_test dendritic_run_test divergence_test
                         export_spice_test kill_run_test learning_combinations_test
                         probe_python_test readers_test resistive_run_test resume_test
                         size_estimate_test task_run_test trace_python_test waves_test)
    add_test(NAME testbenches_${name}
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/test/${name}.py
                     $<TARGET_FILE:memprop>)
    set_tests_properties(testbenches_${name} PROPERTIES LABELS system TIMEOUT 300)
  endforeach()
  if(TARGET traces_fault_shim)
    foreach(how IN ITEMS "" all)
      set(name testbenches_run_fault_test)
      set(label system)
      set(limit 600)
      if(how)
        set(name testbenches_run_fault_slow)
        set(label slow)
        set(limit 10000)
      endif()
      add_test(NAME ${name}
               COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/test/run_fault_test.py
                       $<TARGET_FILE:memprop> $<TARGET_FILE:traces_fault_shim> ${how})
      set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${limit})
    endforeach()
  endif()
  # Of the slow suite: as many kills as it takes to meet every place where one can fall.
  foreach(mode IN ITEMS live plain)
    add_test(NAME testbenches_kill_run_${mode}_slow
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/test/kill_run_test.py
                     $<TARGET_FILE:memprop> ${mode})
    set_tests_properties(testbenches_kill_run_${mode}_slow PROPERTIES LABELS slow TIMEOUT 3000
                         ENVIRONMENT "MEMPROP_KILL_ROUNDS=50")
  endforeach()
endif()

if(MEMPROP_BUILD_TESTS)
  add_test(NAME slow_suite_selftest
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/slow/slow_suite_test.py)
  set_tests_properties(slow_suite_selftest PROPERTIES LABELS check TIMEOUT 300)
  add_test(NAME study_job_test
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/slow/study_job_test.py
                   $<TARGET_FILE:memprop>)
  set_tests_properties(study_job_test PROPERTIES LABELS system TIMEOUT 300)
endif()

if(MEMPROP_BUILD_TESTS)
  add_test(NAME results_book_selftest
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/results/results_book_test.py)
  add_test(NAME results_book_text
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/results/results_book.py --check)
  set_tests_properties(results_book_selftest results_book_text PROPERTIES LABELS check TIMEOUT 120)
endif()
memprop_test(imperfection_test SYSTEMC
  SOURCES test/systemc_main.cpp test/converter_test.cpp test/difference_amplifier_test.cpp
          test/forward_gain_test.cpp test/imperfection_test.cpp test/write_scheme_test.cpp
  DEPS memprop::hw_models memprop::learning fmt::fmt
  LABELS system)
