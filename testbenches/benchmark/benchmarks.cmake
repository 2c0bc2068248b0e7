memprop_benchmark(cycle_benchmark
                  SOURCES benchmark/cycle_benchmark.cpp benchmark/main_job.cpp
                          benchmark/plain_loop.cpp benchmark/stub_chip.cpp
                  DEPS memprop::hw_models memprop::analog fmt::fmt)
memprop_benchmark(device_benchmark SOURCES benchmark/device_benchmark.cpp DEPS memprop::analog)
memprop_benchmark(fre_benchmark SOURCES benchmark/fre_benchmark.cpp
                  DEPS memprop::learning Eigen3::Eigen Threads::Threads)
memprop_benchmark(ideal_benchmark SOURCES benchmark/ideal_benchmark.cpp
                  DEPS memprop::learning Eigen3::Eigen)
memprop_benchmark(trace_benchmark
                  SOURCES benchmark/trace_benchmark.cpp ../traces/test/bare_chunks.cpp
                  DEPS memprop::traces fmt::fmt hdf5::hdf5)
memprop_benchmark(trace_overhead_benchmark
                  SOURCES benchmark/trace_overhead_benchmark.cpp benchmark/main_job.cpp
                  DEPS memprop::testbenches memprop::hw_models memprop::analog fmt::fmt)
memprop_benchmark(wire_benchmark SOURCES benchmark/wire_benchmark.cpp
                  DEPS memprop::analog fmt::fmt Eigen3::Eigen)
if(MEMPROP_BUILD_BENCHMARKS AND MEMPROP_BUILD_TESTS AND MEMPROP_NATIVE)
  # Ratios of one run only; absolute figures depend on the machine. The ordinary suite looks for a
  # slip by more than a shared machine's noise, the slow suite holds the limits themselves.
  function(memprop_gate NAME)
    add_test(NAME ${NAME}_ratios COMMAND ${NAME} ${ARGN} --gate 3)
    add_test(NAME ${NAME}_limits COMMAND ${NAME} ${ARGN} --gate)
    set_tests_properties(${NAME}_ratios PROPERTIES LABELS benchmark)
    set_tests_properties(${NAME}_limits PROPERTIES LABELS slow)
    set_tests_properties(${NAME}_ratios ${NAME}_limits
                         PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                                    ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
  endfunction()
  memprop_gate(cycle_benchmark --samples 100)
  memprop_gate(trace_benchmark --megabytes 100)
  memprop_gate(trace_overhead_benchmark)
  memprop_gate(wire_benchmark --no-large)
endif()
memprop_benchmark(settling_table SOURCES results/settling_table.cpp DEPS memprop::learning)
memprop_benchmark(dendritic_alignment SOURCES results/dendritic_alignment.cpp DEPS memprop::learning)
memprop_benchmark(adaptation_study SOURCES results/adaptation_study.cpp
                  DEPS memprop::learning fmt::fmt)
memprop_benchmark(stability_study SOURCES results/stability_study.cpp
                  DEPS memprop::learning fmt::fmt)
