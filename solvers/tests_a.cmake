memprop_test(random_stream_test SOURCES test/random_stream_test.cpp DEPS memprop::solvers)
memprop_test(units_test SOURCES test/units_test.cpp DEPS memprop::solvers)
memprop_test(activation_test SOURCES test/activation_test.cpp DEPS memprop::solvers)
