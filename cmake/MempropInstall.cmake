# Install rules and the CMake package "memprop".
include(CMakePackageConfigHelpers)
get_property(_targets GLOBAL PROPERTY MEMPROP_TARGETS)
install(TARGETS ${_targets} EXPORT memprop-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT memprop-targets NAMESPACE memprop::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/memprop-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/memprop-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop
  PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/memprop-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/memprop-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/memprop-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindISAL.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSystemC.cmake
  ${CMAKE_CURRENT_LIST_DIR}/MempropRtl.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop)
# pkg-config, found relative to itself wherever the installation is put.
file(RELATIVE_PATH MEMPROP_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" MEMPROP_PC_PREFIX "${MEMPROP_PC_PREFIX}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/memprop.pc.in ${CMAKE_CURRENT_BINARY_DIR}/memprop.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/memprop.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
