# Tests of the bus side in RTL. memprop_verilate(NAME TOP SOURCES... PARAMS...): a library
# `rtl_<name>` with the class V<name>.
if(NOT MEMPROP_BUILD_TESTS)
  return()
endif()
add_test(NAME digital_rtl_bus_tools
         COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/check_bus_rtl.py
                 ${PROJECT_SOURCE_DIR}/digital/rtl)
set_tests_properties(digital_rtl_bus_tools PROPERTIES LABELS check TIMEOUT 300
                     SKIP_RETURN_CODE 77)
find_program(MEMPROP_VERILATOR NAMES verilator DOC "Translator of the RTL")
if(NOT MEMPROP_VERILATOR)
  message(STATUS "verilator not found: the tests of the bus side in RTL are not run")
  return()
endif()
execute_process(COMMAND "${MEMPROP_VERILATOR}" --getenv VERILATOR_ROOT
                OUTPUT_VARIABLE MEMPROP_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)

set(MEMPROP_BUS_RTL_DIR "${PROJECT_SOURCE_DIR}/digital/rtl/bus")
set(_runtime "${MEMPROP_VERILATOR_ROOT}/include")
if(NOT TARGET memprop_verilated)
  add_library(memprop_verilated STATIC EXCLUDE_FROM_ALL
              "${_runtime}/verilated.cpp" "${_runtime}/verilated_threads.cpp")
  target_include_directories(memprop_verilated SYSTEM PUBLIC "${_runtime}" "${_runtime}/vltstd")
  target_compile_options(memprop_verilated PRIVATE -w)
  target_link_libraries(memprop_verilated PUBLIC Threads::Threads)
endif()

function(memprop_verilate name top)
  cmake_parse_arguments(ARG "" "" "SOURCES;PARAMS" ${ARGN})
  set(rtl "${PROJECT_SOURCE_DIR}/digital/rtl")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/rtl_${name}")
  file(GLOB headers CONFIGURE_DEPENDS "${rtl}/*.svh" "${rtl}/bus/*.svh")
  list(TRANSFORM ARG_PARAMS PREPEND "-G")
  add_custom_command(
    OUTPUT "${folder}/V${name}__ALL.a" "${folder}/V${name}.h"
    COMMAND "${rtl}/test/verilate.sh" "${folder}" "${MEMPROP_VERILATOR}" --cc --build -O3 -Wno-fatal -Wno-WIDTH --quiet-exit
            -CFLAGS "-fPIC -O1" "-I${rtl}" "-I${rtl}/bus"
            --top-module ${top} --prefix V${name} ${ARG_PARAMS} ${ARG_SOURCES}
    DEPENDS ${ARG_SOURCES} ${headers}
    COMMENT "Verilating ${top}" VERBATIM)
  add_custom_target(rtl_${name}_made DEPENDS "${folder}/V${name}__ALL.a")
  add_library(rtl_${name} INTERFACE)
  add_dependencies(rtl_${name} rtl_${name}_made)
  target_include_directories(rtl_${name} SYSTEM INTERFACE "${folder}")
  target_link_libraries(rtl_${name} INTERFACE "${folder}/V${name}__ALL.a" memprop_verilated)
endfunction()

file(GLOB MEMPROP_BUS_SOURCES CONFIGURE_DEPENDS "${MEMPROP_BUS_RTL_DIR}/../*.sv")
foreach(_file IN ITEMS memprop_config_check memprop_register_file memprop_bus_core)
  list(APPEND MEMPROP_BUS_SOURCES "${MEMPROP_BUS_RTL_DIR}/${_file}.sv")
endforeach()

set_property(GLOBAL PROPERTY MEMPROP_BUS_SOURCES ${MEMPROP_BUS_SOURCES})
memprop_verilate(bus_core memprop_bus_core SOURCES ${MEMPROP_BUS_SOURCES} 
                 PARAMS PHASE_ROWS=14 ENGINES=31 ACCUMULATOR_BITS=6)
memprop_test(digital_rtl_bus_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/bus_core_test.cpp
             DEPS memprop::digital rtl_bus_core)
