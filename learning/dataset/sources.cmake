set(MEMPROP_DATASET_SOURCES
  dataset/csv.cpp dataset/data_files.cpp dataset/dataset.cpp dataset/file_bytes.cpp dataset/idx.cpp
  dataset/npy.cpp dataset/npz.cpp dataset/numeric_array.cpp dataset/weights.cpp)
