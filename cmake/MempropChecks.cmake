# Checks of the project as a whole, registered with CTest. Included last: it reads MEMPROP_TARGETS.
if(NOT MEMPROP_BUILD_TESTS)
  return()
endif()
set(_checks "${CMAKE_CURRENT_LIST_DIR}/checks")
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# memprop_check(NAME SCRIPT ARGUMENTS...): a check in Python; exit code 77 means "not run".
function(memprop_check name)
  add_test(NAME ${name} COMMAND "${Python3_EXECUTABLE}" -B ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS check TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

memprop_check(include_direction "${_checks}/include_direction.py" "${PROJECT_SOURCE_DIR}")
memprop_check(no_machine_paths "${_checks}/no_machine_paths.py" "${PROJECT_SOURCE_DIR}")
find_program(MEMPROP_CLANG_FORMAT NAMES clang-format DOC "Formatter of the sources")
memprop_check(formatting "${_checks}/formatting.py" "${PROJECT_SOURCE_DIR}"
              "${MEMPROP_CLANG_FORMAT}")
find_program(MEMPROP_SHELLCHECK NAMES shellcheck DOC "Checker of the shell scripts")
memprop_check(shell_scripts "${_checks}/shell_scripts.py" "${PROJECT_SOURCE_DIR}"
              "${MEMPROP_SHELLCHECK}")
memprop_check(docs_links "${_checks}/docs_links.py" "${PROJECT_SOURCE_DIR}")
memprop_check(docs_listings "${_checks}/docs_listings.py" "${PROJECT_SOURCE_DIR}")
memprop_check(checks_selftest "${_checks}/selftest.py")

# The commands of README.md and docs/, with the memprop of this build and the Python that has h5py
# first in PATH.
get_filename_component(_python_dir "${Python3_EXECUTABLE}" DIRECTORY)
memprop_check(docs_commands "${_checks}/docs_commands.py"
              --source "${PROJECT_SOURCE_DIR}" --scratch "${PROJECT_BINARY_DIR}/docs-commands"
              --path "${PROJECT_BINARY_DIR}/cli"
              --path "${PROJECT_BINARY_DIR}/testbenches/cosim" --path "${_python_dir}")
set_tests_properties(docs_commands PROPERTIES LABELS docs TIMEOUT 1800)

# The examples, each cut to a few samples, and what their traces hold against docs/trace-format.md.
memprop_check(examples "${_checks}/examples.py" --source "${PROJECT_SOURCE_DIR}"
              --memprop "$<TARGET_FILE:memprop>")
set_tests_properties(examples PROPERTIES LABELS system TIMEOUT 600)
memprop_check(trace_contents "${_checks}/trace_contents.py" --source "${PROJECT_SOURCE_DIR}"
              --memprop "$<TARGET_FILE:memprop>")
set_tests_properties(trace_contents PROPERTIES LABELS docs TIMEOUT 300)

# Every public header compiles alone: one source file per header that includes nothing else.
file(GLOB_RECURSE _headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
     "${PROJECT_SOURCE_DIR}/solvers/*.hpp" "${PROJECT_SOURCE_DIR}/analog/*.hpp"
     "${PROJECT_SOURCE_DIR}/digital/*.hpp" "${PROJECT_SOURCE_DIR}/learning/*.hpp"
     "${PROJECT_SOURCE_DIR}/traces/*.hpp" "${PROJECT_SOURCE_DIR}/hw_models/*.hpp"
     "${PROJECT_SOURCE_DIR}/testbenches/*.hpp" "${PROJECT_SOURCE_DIR}/cli/*.hpp")
list(FILTER _headers EXCLUDE REGEX "/(test|internal)/|^traces/hdf5/")
set(_alone_sources "")
foreach(_header IN LISTS _headers)
  string(REGEX REPLACE "\\.hpp$" ".cpp" _alone "${PROJECT_BINARY_DIR}/headers_alone/${_header}")
  # Twice: a header without an include guard fails too.
  file(CONFIGURE OUTPUT "${_alone}" @ONLY
       CONTENT "#include \"@_header@\"\n// again\n#include \"@_header@\"\n")
  list(APPEND _alone_sources "${_alone}")
endforeach()
if(_alone_sources)
  add_library(memprop_headers_alone OBJECT ${_alone_sources})
  get_property(_targets GLOBAL PROPERTY MEMPROP_TARGETS)
  # With the public dependencies of the libraries only: what a user of the package gets.
  target_link_libraries(memprop_headers_alone PRIVATE ${_targets})
  target_include_directories(memprop_headers_alone PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(memprop_headers_alone PRIVATE ${MEMPROP_WARNINGS} -O0)
endif()

get_property(_libraries GLOBAL PROPERTY MEMPROP_TARGETS)
list(TRANSFORM _libraries REPLACE "^memprop_" "")
list(JOIN _libraries "," _libraries)
# Projects of users find, link and run the installed package; those with a controller in Verilog only
# where Verilator is.
set(_projects "${_checks}/consumer" "${PROJECT_SOURCE_DIR}/examples/first_testbench"
    "${PROJECT_SOURCE_DIR}/examples/weight_perturbation"
    "${PROJECT_SOURCE_DIR}/examples/cosim_adc" "${PROJECT_SOURCE_DIR}/examples/bus_host")
find_program(MEMPROP_VERILATOR verilator)
if(MEMPROP_VERILATOR)
  list(APPEND _projects "${PROJECT_SOURCE_DIR}/examples/cosim_sequencer")
endif()
list(JOIN _projects "," _projects)
add_test(NAME installed_consumer
  COMMAND "${CMAKE_COMMAND}"
    "-DBUILD_DIR=${PROJECT_BINARY_DIR}"
    "-DPROJECT_DIRS=${_projects}"
    "-DSCRATCH_DIR=${PROJECT_BINARY_DIR}/installed-consumer"
    "-DCONFIG=$<CONFIG>" "-DGENERATOR=${CMAKE_GENERATOR}"
    "-DCXX_COMPILER=${CMAKE_CXX_COMPILER}" "-DCXX_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}"
    "-DVERSION=${PROJECT_VERSION}" "-DLIBRARIES=${_libraries}"
    -P "${_checks}/installed_consumer.cmake")
set_tests_properties(installed_consumer PROPERTIES LABELS check TIMEOUT 600
                     ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
