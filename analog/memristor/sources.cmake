# Memristor devices (included from analog/CMakeLists.txt).
set(MEMPROP_MEMRISTOR_SOURCES
  memristor/pulse_device_array.cpp memristor/pulse_law.cpp memristor/ideal.cpp
  memristor/linear_step.cpp memristor/exponential.cpp memristor/check_device.cpp
  memristor/presets.cpp)

# The same conductances from every instruction set: no fused a*b + c.
set_source_files_properties(
  memristor/pulse_device_array.cpp memristor/linear_step.cpp memristor/exponential.cpp
  memristor/ideal.cpp PROPERTIES COMPILE_OPTIONS "-ffp-contract=off;-fno-math-errno;-fno-trapping-math")
