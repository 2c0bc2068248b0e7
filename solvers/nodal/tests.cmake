memprop_test(nodal_test SOURCES nodal/test/lattice_cholesky_test.cpp
             DEPS memprop::solvers Eigen3::Eigen)
