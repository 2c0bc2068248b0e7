# Nodal equations of lattices of lines.
set(MEMPROP_NODAL_SOURCES
    nodal/conjugate_gradient.cpp
    nodal/internal/front_factor.cpp
    nodal/internal/front_solve.cpp
    nodal/internal/lattice_factor.cpp
    nodal/internal/lattice_plan.cpp
    nodal/internal/lattice_solve.cpp
    nodal/internal/leaf_program.cpp
    nodal/lattice.cpp
    nodal/lattice_cholesky.cpp)
