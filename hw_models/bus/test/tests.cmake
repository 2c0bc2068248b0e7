# Tests of the bus side.
memprop_test(hw_models_bus_test SYSTEMC
  SOURCES bus/test/systemc_test_main.cpp bus/test/protocol_checker_test.cpp
          bus/test/register_script.cpp bus/test/register_socket_test.cpp
  DEPS memprop::hw_models fmt::fmt
  LABELS system)
if(COMMAND memprop_verilate)
  get_property(_sources GLOBAL PROPERTY MEMPROP_BUS_SOURCES)
  set(_bus_rtl "${PROJECT_SOURCE_DIR}/digital/rtl/bus")
  foreach(_bus IN ITEMS axi_lite apb)
    memprop_verilate(${_bus}_chip memprop_${_bus}_chip
                     SOURCES ${_sources} "${_bus_rtl}/memprop_${_bus}.sv"
                             "${_bus_rtl}/memprop_${_bus}_chip.sv"
                     PARAMS PHASE_ROWS=14)
  endforeach()
  memprop_test(hw_models_bus_rtl_test SYSTEMC
    SOURCES bus/test/systemc_test_main.cpp bus/test/bus_rtl_test.cpp bus/test/register_script.cpp
          bus/test/rtl_models.cpp
    DEPS memprop::hw_models rtl_axi_lite_chip rtl_apb_chip fmt::fmt
    LABELS system)
endif()
