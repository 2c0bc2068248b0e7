# Arrays with the resistance of their wires.
set(MEMPROP_WIRED_SOURCES
    crossbar/internal/wired_circuit.cpp
    crossbar/internal/wired_solver.cpp
    crossbar/nonlinear_reads.cpp
    crossbar/wired_cell.cpp
    crossbar/wired_config.cpp
    crossbar/wired_pairs.cpp
    crossbar/wired_tile.cpp)
