# The chip behind a bus: part of the library hw_models.
target_sources(memprop_hw_models PRIVATE
  bus/apb_checker.cpp bus/apb_master.cpp bus/axi_lite_checker.cpp bus/axi_lite_master.cpp
  bus/bus_chip.cpp bus/bus_job.cpp bus/payload_words.cpp bus/register_controller.cpp
  bus/register_socket.cpp)

# For users: the map for firmware, and the bus side in RTL beside memprop's controller.
install(FILES "${PROJECT_SOURCE_DIR}/digital/registers.h"
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/memprop/digital)
install(FILES "${PROJECT_SOURCE_DIR}/digital/registers.toml"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/memprop)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/digital/rtl/bus"
        DESTINATION ${CMAKE_INSTALL_DATADIR}/memprop/rtl
        FILES_MATCHING PATTERN "*.sv" PATTERN "*.svh" PATTERN "test" EXCLUDE)

if(MEMPROP_BUILD_TESTS)
  # The host program of examples/bus_host, on the libraries of this build.
  set(_bus_host "${PROJECT_SOURCE_DIR}/examples/bus_host")
  add_executable(bus_host "${_bus_host}/main.cpp" "${_bus_host}/chip_driver.cpp"
                 "${_bus_host}/tasks.cpp")
  target_link_libraries(bus_host PRIVATE memprop_hw_models)
  memprop_private_flags(bus_host)
  add_test(NAME bus_host COMMAND bus_host)
  set_tests_properties(bus_host PROPERTIES LABELS system TIMEOUT 300
                       ENVIRONMENT "SC_COPYRIGHT_MESSAGE=DISABLE")
endif()
include(bus/test/tests.cmake)
