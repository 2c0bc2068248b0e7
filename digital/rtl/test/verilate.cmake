# memprop_verilate(NAME TOP SOURCES file... [PARAMS N=V...] [PREFIX class]): a module of the RTL in
# C++ as the library rtl_NAME, with the class of the name PREFIX (VNAME unless given). Defined where
# Verilator is installed; what needs it asks if(COMMAND memprop_verilate).
find_program(MEMPROP_VERILATOR NAMES verilator DOC "Translator of the RTL")
if(NOT MEMPROP_VERILATOR)
  message(STATUS "verilator not found: tests that need the RTL in C++ are not run")
  return()
endif()
execute_process(COMMAND "${MEMPROP_VERILATOR}" --getenv VERILATOR_ROOT
                OUTPUT_VARIABLE MEMPROP_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
find_package(Threads REQUIRED)

# Runtime of Verilator, not ours to warn about.
set(_runtime "${MEMPROP_VERILATOR_ROOT}/include")
add_library(memprop_verilated STATIC EXCLUDE_FROM_ALL
            "${_runtime}/verilated.cpp" "${_runtime}/verilated_threads.cpp")
target_include_directories(memprop_verilated SYSTEM PUBLIC "${_runtime}" "${_runtime}/vltstd")
target_compile_features(memprop_verilated PUBLIC cxx_std_17)
target_compile_options(memprop_verilated PRIVATE -w)
target_link_libraries(memprop_verilated PUBLIC Threads::Threads)

function(memprop_verilate name top)
  cmake_parse_arguments(ARG "" "PREFIX" "SOURCES;PARAMS" ${ARGN})
  if(NOT ARG_PREFIX)
    set(ARG_PREFIX V${name})
  endif()
  set(rtl "${PROJECT_SOURCE_DIR}/digital/rtl")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/rtl_${name}")
  set(library "${folder}/${ARG_PREFIX}__ALL.a")
  set(header "${folder}/${ARG_PREFIX}.h")
  file(GLOB headers CONFIGURE_DEPENDS "${rtl}/*.svh" "${rtl}/bus/*.svh")
  list(TRANSFORM ARG_PARAMS PREPEND "-G")
  set(launcher)
  if(CMAKE_CXX_COMPILER_LAUNCHER)
    set(launcher "OBJCACHE=${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
  add_custom_command(
    OUTPUT "${library}" "${header}"
    COMMAND ${CMAKE_COMMAND} -E env ${launcher} "${rtl}/test/verilate.sh" "${folder}"
            "${MEMPROP_VERILATOR}" --cc --build -j 1 -O3 --x-assign 0 --x-initial 0 --noassert
            -Wno-fatal -Wno-WIDTH --quiet-exit -CFLAGS "-O1 -w" "-I${rtl}" "-I${rtl}/bus"
            --top-module ${top} --prefix ${ARG_PREFIX} ${ARG_PARAMS} ${ARG_SOURCES}
    DEPENDS ${ARG_SOURCES} ${headers} "${rtl}/test/verilate.sh"
    COMMENT "Verilating ${top} (${name})" VERBATIM)
  add_custom_target(rtl_${name}_made DEPENDS "${library}")
  add_library(rtl_${name} INTERFACE)
  add_dependencies(rtl_${name} rtl_${name}_made)
  target_include_directories(rtl_${name} SYSTEM INTERFACE "${folder}")
  target_link_libraries(rtl_${name} INTERFACE "${library}" memprop_verilated)
endfunction()
