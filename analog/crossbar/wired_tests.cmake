# ngspice judges; without it these tests say so. Arrays from 64 x 64 on take it minutes.
find_program(MEMPROP_NGSPICE NAMES ngspice DOC "Circuit simulator of the comparison tests")
memprop_test(wired_test
  SOURCES test/wired_cell_test.cpp test/wired_pairs_test.cpp test/wired_tile_test.cpp
  DEPS memprop::analog)
memprop_test(wired_spice_test
  SOURCES test/nonlinear_reads_test.cpp test/wired_spice_test.cpp
  DEPS memprop::analog)
memprop_test(wired_slow_test
  SOURCES test/wired_large_test.cpp test/wired_spice_slow_test.cpp
  DEPS memprop::analog
  LABELS slow TIMEOUT 3600)
foreach(name IN ITEMS wired_spice_test wired_slow_test)
  if(TARGET ${name})
    target_compile_definitions(${name} PRIVATE
      MEMPROP_NGSPICE="$<$<BOOL:${MEMPROP_NGSPICE}>:${MEMPROP_NGSPICE}>")
  endif()
endforeach()
memprop_test(cell_effects_test
  SOURCES test/tile_effects_test.cpp test/chip_noise_test.cpp
  DEPS memprop::analog)
