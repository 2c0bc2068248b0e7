memprop_benchmark(cycle_benchmark SOURCES benchmark/cycle_benchmark.cpp
                  DEPS memprop::hw_models memprop::analog fmt::fmt)
memprop_benchmark(device_benchmark SOURCES benchmark/device_benchmark.cpp DEPS memprop::analog)
memprop_benchmark(ideal_benchmark SOURCES benchmark/ideal_benchmark.cpp
                  DEPS memprop::learning Eigen3::Eigen)
