# Finds the SystemC library (no CMake config is shipped with most packages of it).
# Honours SYSTEMC_HOME. Defines SystemC::systemc, SystemC_FOUND, SystemC_VERSION.
find_path(SystemC_INCLUDE_DIR systemc HINTS $ENV{SYSTEMC_HOME}/include)
find_library(SystemC_LIBRARY systemc
             HINTS $ENV{SYSTEMC_HOME} PATH_SUFFIXES lib lib64 lib-linux64)
if(SystemC_INCLUDE_DIR AND EXISTS "${SystemC_INCLUDE_DIR}/sysc/kernel/sc_ver.h")
  file(STRINGS "${SystemC_INCLUDE_DIR}/sysc/kernel/sc_ver.h" _systemc_version_lines
       REGEX "#define SC_VERSION_(MAJOR|MINOR|PATCH)")
  set(SystemC_VERSION "")
  foreach(_part MAJOR MINOR PATCH)
    if("${_systemc_version_lines}" MATCHES "SC_VERSION_${_part}[ \t]+([0-9]+)")
      list(APPEND SystemC_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN SystemC_VERSION "." SystemC_VERSION)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SystemC REQUIRED_VARS SystemC_LIBRARY SystemC_INCLUDE_DIR
                                  VERSION_VAR SystemC_VERSION)
if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
  find_package(Threads REQUIRED)
  add_library(SystemC::systemc UNKNOWN IMPORTED)
  set_target_properties(SystemC::systemc PROPERTIES
    IMPORTED_LOCATION "${SystemC_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SystemC_INCLUDE_DIR}"
    # The packaged library was built at C++17 and checks that at link time; this lets users build
    # at C++20 without switching the check off.
    INTERFACE_COMPILE_DEFINITIONS "SC_CPLUSPLUS=201703L"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
mark_as_advanced(SystemC_INCLUDE_DIR SystemC_LIBRARY)
