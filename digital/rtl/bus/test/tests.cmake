# Tests of the bus side in RTL.
if(NOT MEMPROP_BUILD_TESTS)
  return()
endif()
add_test(NAME digital_rtl_bus_tools
         COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/check_bus_rtl.py
                 ${PROJECT_SOURCE_DIR}/digital/rtl)
set_tests_properties(digital_rtl_bus_tools PROPERTIES LABELS check TIMEOUT 300
                     SKIP_RETURN_CODE 77)
if(NOT COMMAND memprop_verilate)
  return()
endif()

set(_rtl "${PROJECT_SOURCE_DIR}/digital/rtl")
file(GLOB MEMPROP_BUS_SOURCES CONFIGURE_DEPENDS "${_rtl}/*.sv")
foreach(_file IN ITEMS memprop_config_check memprop_register_file memprop_bus_core)
  list(APPEND MEMPROP_BUS_SOURCES "${_rtl}/bus/${_file}.sv")
endforeach()
set_property(GLOBAL PROPERTY MEMPROP_BUS_SOURCES ${MEMPROP_BUS_SOURCES})

# With a converter per line, and with two of them for seven lines.
set(_params PHASE_ROWS=14 ENGINES=31 ACCUMULATOR_BITS=6)
memprop_verilate(bus_core memprop_bus_core SOURCES ${MEMPROP_BUS_SOURCES} PARAMS ${_params})
memprop_verilate(bus_core_shared memprop_bus_core SOURCES ${MEMPROP_BUS_SOURCES}
                 PARAMS ${_params} CHANNELS=2 PREFIX Vbus_core)
foreach(_kind IN ITEMS "" _shared)
  memprop_test(digital_rtl_bus${_kind}_test
               SOURCES ${CMAKE_CURRENT_LIST_DIR}/bus_core_test.cpp
               DEPS memprop::digital rtl_bus_core${_kind})
endforeach()
target_compile_definitions(digital_rtl_bus_test PRIVATE BUS_CHANNELS=7)
target_compile_definitions(digital_rtl_bus_shared_test PRIVATE BUS_CHANNELS=2)
