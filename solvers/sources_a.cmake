# Random numbers, units, activation functions.
set(MEMPROP_SOLVERS_A_SOURCES random_stream.cpp units.cpp math/activation.cpp)

# Values must not depend on where the compiler fuses a*b + c, and square roots must not set errno.
set_source_files_properties(random_stream.cpp math/activation.cpp PROPERTIES
  COMPILE_OPTIONS "-ffp-contract=off;-fno-math-errno;-fno-trapping-math")
