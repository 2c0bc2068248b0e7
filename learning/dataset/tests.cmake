memprop_test(dataset_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_formats_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_load_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/../test/dataset_weights_test.cpp
  DEPS memprop::learning ZLIB::ZLIB)
if(TARGET dataset_test)
  target_compile_definitions(dataset_test PRIVATE MEMPROP_PYTHON="${Python3_EXECUTABLE}")
endif()
