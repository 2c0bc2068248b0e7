memprop_test(dataset_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_formats_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_load_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_weights_test.cpp
  DEPS memprop::learning ZLIB::ZLIB)
if(TARGET dataset_test)
  target_compile_definitions(dataset_test PRIVATE MEMPROP_PYTHON="${Python3_EXECUTABLE}")
endif()

memprop_fuzz_target(fuzz_idx SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/fuzz/idx_fuzz.cpp
                    DEPS memprop::learning)
memprop_fuzz_target(fuzz_numpy SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/fuzz/numpy_fuzz.cpp
                    DEPS memprop::learning)
memprop_fuzz_target(fuzz_csv SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/fuzz/csv_fuzz.cpp
                    DEPS memprop::learning)
memprop_fuzz_target(fuzz_data_file SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/fuzz/data_file_fuzz.cpp
                    DEPS memprop::learning)
