# Installs the build into an empty folder, builds users' projects against it as users would (no
# machine flags, nothing of the source tree) and runs what comes out.
foreach(_needed BUILD_DIR PROJECT_DIRS SCRATCH_DIR CXX_COMPILER GENERATOR VERSION LIBRARIES)
  if(NOT ${_needed})
    message(FATAL_ERROR "installed_consumer: ${_needed} is not given")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "installed_consumer: failed (${result}): ${command}")
  endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH_DIR}")
set(prefix "${SCRATCH_DIR}/prefix with space")
run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --config "${CONFIG}" --prefix "${prefix}")

function(build_and_run project)
  get_filename_component(name "${project}" NAME)
  set(source "${SCRATCH_DIR}/${name}/source")
  set(build "${SCRATCH_DIR}/${name}/build")
  # A copy elsewhere, so that no include finds a neighbour in the source tree by accident.
  file(COPY "${project}/" DESTINATION "${source}")
  run("${CMAKE_COMMAND}" -S "${source}" -B "${build}" -G "${GENERATOR}"
      -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
      "-DCMAKE_CXX_COMPILER_LAUNCHER=${CXX_LAUNCHER}" "-DCMAKE_PREFIX_PATH=${prefix}"
      "-DMEMPROP_EXPECTED_VERSION=${VERSION}" "-DMEMPROP_EXPECTED_LIBRARIES=${LIBRARIES}"
      -DCMAKE_EXPORT_COMPILE_COMMANDS=ON --no-warn-unused-cli)

  # The package must not hand the flags of its own build to its users.
  file(READ "${build}/compile_commands.json" commands)
  foreach(_flag "-march=" "-mprefer-vector-width" "-ffast-math" "-Werror" "-fopenmp-simd")
    string(FIND "${commands}" "${_flag}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "installed_consumer: the package imposes ${_flag} on its users")
    endif()
  endforeach()

  run("${CMAKE_COMMAND}" --build "${build}")
  file(GLOB programs "${build}/bin/*")
  if(NOT programs)
    message(FATAL_ERROR "installed_consumer: ${name} built no program")
  endif()
  foreach(_program IN LISTS programs)
    message(STATUS "running ${_program}")
    run("${CMAKE_COMMAND}" -E chdir "${build}" "${_program}")
  endforeach()

  # The route without CMake, where a project offers it.
  find_program(make_program make)
  find_program(pkg_config pkg-config)
  if(EXISTS "${source}/Makefile" AND make_program AND pkg_config)
    file(GLOB_RECURSE pc RELATIVE "${prefix}" "${prefix}/lib*/memprop.pc"
         "${prefix}/lib*/pkgconfig/memprop.pc")
    get_filename_component(pc_folder "${prefix}/${pc}" DIRECTORY)
    run("${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${pc_folder}" "CXX=${CXX_COMPILER}"
        "${make_program}" -C "${source}")
    run("${CMAKE_COMMAND}" -E chdir "${source}" "./${name}")
  endif()
endfunction()

string(REPLACE "," ";" projects "${PROJECT_DIRS}")
foreach(_project IN LISTS projects)
  build_and_run("${_project}")
endforeach()

# The command, if it belongs to the installation, runs from there.
if(EXISTS "${prefix}/bin/memprop")
  run("${prefix}/bin/memprop" --help)
endif()
