# ngspice judges; without it these tests say so.
find_program(MEMPROP_NGSPICE NAMES ngspice DOC "Circuit simulator of the comparison tests")
memprop_test(spice_test SYSTEMC
  SOURCES test/systemc_main.cpp spice/test/ngspice.cpp spice/test/transient_test.cpp
          spice/test/resistive_transient_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)
memprop_test(spice_slow_test SYSTEMC
  SOURCES test/systemc_main.cpp spice/test/ngspice.cpp spice/test/transient_slow_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS slow TIMEOUT 3600)
memprop_benchmark(spice_benchmark
                  SOURCES benchmark/spice_benchmark.cpp spice/test/ngspice.cpp
                  DEPS memprop::testbenches memprop::hw_models fmt::fmt)
foreach(name IN ITEMS spice_test spice_slow_test spice_benchmark)
  if(TARGET ${name})
    target_compile_definitions(${name} PRIVATE
      MEMPROP_NGSPICE="$<$<BOOL:${MEMPROP_NGSPICE}>:${MEMPROP_NGSPICE}>")
  endif()
endforeach()
if(TARGET spice_benchmark AND MEMPROP_BUILD_TESTS AND MEMPROP_NATIVE)
  add_test(NAME spice_benchmark_ratios COMMAND spice_benchmark --gate)
  set_tests_properties(spice_benchmark_ratios PROPERTIES RUN_SERIAL TRUE TIMEOUT 300
                       SKIP_RETURN_CODE 77
                       LABELS benchmark ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
endif()
