memprop_test(memristor_test
  SOURCES test/memristor_linear_step_test.cpp test/memristor_exponential_test.cpp
          test/memristor_array_test.cpp test/memristor_presets_test.cpp
  DEPS memprop::analog)
