memprop_benchmark(cycle_benchmark
                  SOURCES benchmark/cycle_benchmark.cpp benchmark/main_job.cpp
                          benchmark/plain_loop.cpp benchmark/stub_chip.cpp
                  DEPS memprop::hw_models memprop::analog fmt::fmt)
memprop_benchmark(device_benchmark SOURCES benchmark/device_benchmark.cpp DEPS memprop::analog)
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
  # Ratios of one run only; absolute figures depend on the machine.
  add_test(NAME cycle_benchmark_ratios COMMAND cycle_benchmark --samples 100 --gate)
  set_tests_properties(cycle_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       LABELS benchmark ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
  # Here only what no noise of the machine explains; the limits themselves are of the slow suite.
  add_test(NAME trace_benchmark_ratios COMMAND trace_benchmark --megabytes 40 --gate --limit 0.15)
  set_tests_properties(trace_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       LABELS benchmark)
  add_test(NAME trace_overhead_benchmark_ratios COMMAND trace_overhead_benchmark --samples 100 --gate
                                                        --limit 40)
  set_tests_properties(trace_overhead_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       LABELS benchmark ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
  add_test(NAME trace_benchmark_slow COMMAND trace_benchmark --gate)
  add_test(NAME trace_overhead_slow COMMAND trace_overhead_benchmark --gate)
  set_tests_properties(trace_benchmark_slow trace_overhead_slow PROPERTIES RUN_SERIAL TRUE
                       TIMEOUT 1200 LABELS slow ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
  add_test(NAME wire_benchmark_ratios COMMAND wire_benchmark --no-large --gate)
  set_tests_properties(wire_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       LABELS benchmark)
endif()
