# Parts of analog/CMakeLists.txt.
set(MEMPROP_RESISTIVE_SOURCES
  resistive/diode_clamp.cpp
  resistive/resistive_bank.cpp
  resistive/resistive_circuit.cpp
  resistive/resistive_tile.cpp)
