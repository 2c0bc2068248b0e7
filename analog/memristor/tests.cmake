memprop_test(memristor_test
  SOURCES test/memristor_linear_step_test.cpp test/memristor_exponential_test.cpp
          test/memristor_array_test.cpp test/memristor_presets_test.cpp
          test/memristor_curve_test.cpp test/memristor_statistics_test.cpp
  DEPS memprop::analog)
memprop_test(state_device_test SOURCES test/state_device_test.cpp test/state_catalogue_test.cpp DEPS memprop::analog)
memprop_test(device_noise_test SOURCES test/device_noise_test.cpp DEPS memprop::analog)
memprop_test(device_parts_test SOURCES test/device_parts_test.cpp DEPS memprop::analog)
