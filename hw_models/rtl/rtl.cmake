# Controllers in Verilog: part of the library hw_models, and the folder share/memprop/rtl with the
# generator and memprop's own controller, in the build tree (as links) and in an installation.
target_sources(memprop_hw_models PRIVATE
  monitor/protocol_monitor.cpp monitor/protocol_rules.cpp
  rtl/pin_observer.cpp rtl/register_port.cpp rtl/rtl_build.cpp rtl/rtl_controller.cpp
  rtl/rtl_model.cpp)
target_link_libraries(memprop_hw_models PRIVATE ${CMAKE_DL_LIBS})

set(_share "${PROJECT_BINARY_DIR}/share/memprop/rtl")
set_source_files_properties(rtl/rtl_build.cpp PROPERTIES
  COMPILE_DEFINITIONS "MEMPROP_RTL_BUILD_DIR=\"${_share}\"")
set(_generator rtl/memprop_rtl.py rtl/model.cpp.in rtl/rtl_abi.hpp rtl/rtl_runtime.cpp)
list(TRANSFORM _generator PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
file(GLOB _controller CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/digital/rtl/*.sv"
     "${PROJECT_SOURCE_DIR}/digital/rtl/*.svh")
file(REMOVE_RECURSE "${_share}")
file(MAKE_DIRECTORY "${_share}")
foreach(_file IN LISTS _generator _controller)
  get_filename_component(_name "${_file}" NAME)
  file(CREATE_LINK "${_file}" "${_share}/${_name}" SYMBOLIC)
endforeach()
install(FILES ${_generator} ${_controller} DESTINATION ${CMAKE_INSTALL_DATADIR}/memprop/rtl)
