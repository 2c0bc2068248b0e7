# Memristor devices (included from analog/CMakeLists.txt).
set(MEMPROP_MEMRISTOR_SOURCES
  memristor/pulse_device_array.cpp memristor/pulse_law.cpp memristor/ideal.cpp
  memristor/linear_step.cpp memristor/exponential.cpp memristor/check_device.cpp
  memristor/pulse_curve.cpp
  memristor/presets.cpp
  memristor/state_device.cpp memristor/linear_drift.cpp memristor/threshold_drift.cpp
  memristor/yakopcic.cpp memristor/stanford_rram.cpp memristor/jart_vcm.cpp
  memristor/waveform.cpp memristor/simulate_device.cpp memristor/state_catalogue.cpp
  memristor/state_reduction.cpp memristor/faults.cpp memristor/endurance.cpp
  memristor/half_select.cpp)
include(noise/sources.cmake)
list(APPEND MEMPROP_MEMRISTOR_SOURCES ${MEMPROP_NOISE_SOURCES})

# The same conductances from every instruction set: no fused a*b + c.
set_source_files_properties(
  memristor/pulse_device_array.cpp memristor/linear_step.cpp memristor/exponential.cpp
  memristor/ideal.cpp memristor/pulse_curve.cpp
  memristor/state_device.cpp memristor/linear_drift.cpp memristor/threshold_drift.cpp
  memristor/yakopcic.cpp memristor/stanford_rram.cpp memristor/jart_vcm.cpp
  memristor/waveform.cpp memristor/simulate_device.cpp memristor/state_reduction.cpp
  memristor/endurance.cpp memristor/half_select.cpp
  PROPERTIES COMPILE_OPTIONS "-ffp-contract=off;-fno-math-errno;-fno-trapping-math")
