memprop_benchmark(cycle_benchmark SOURCES benchmark/cycle_benchmark.cpp
                  DEPS memprop::hw_models memprop::analog fmt::fmt)
memprop_benchmark(device_benchmark SOURCES benchmark/device_benchmark.cpp DEPS memprop::analog)
memprop_benchmark(ideal_benchmark SOURCES benchmark/ideal_benchmark.cpp
                  DEPS memprop::learning Eigen3::Eigen)
if(MEMPROP_BUILD_BENCHMARKS AND MEMPROP_BUILD_TESTS AND MEMPROP_NATIVE)
  # Ratios of one run only; absolute figures depend on the machine.
  add_test(NAME cycle_benchmark_ratios COMMAND cycle_benchmark --samples 100 --gate)
  set_tests_properties(cycle_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       LABELS benchmark ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
endif()
