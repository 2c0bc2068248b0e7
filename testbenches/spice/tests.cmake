# ngspice judges; without it these tests say so.
find_program(MEMPROP_NGSPICE NAMES ngspice DOC "Circuit simulator of the comparison tests")
memprop_test(spice_test SYSTEMC
  SOURCES test/systemc_main.cpp spice/test/ngspice.cpp spice/test/transient_test.cpp
  DEPS memprop::testbenches fmt::fmt
  LABELS system)
if(TARGET spice_test)
  target_compile_definitions(spice_test PRIVATE
    MEMPROP_NGSPICE="$<$<BOOL:${MEMPROP_NGSPICE}>:${MEMPROP_NGSPICE}>")
endif()
