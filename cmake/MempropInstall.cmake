# Install rules and the CMake package "memprop".
include(CMakePackageConfigHelpers)
get_property(_targets GLOBAL PROPERTY MEMPROP_TARGETS)
install(TARGETS ${_targets} EXPORT memprop-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT memprop-targets NAMESPACE memprop::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/memprop-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/memprop-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/memprop-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/memprop-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/memprop-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSystemC.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/memprop)
