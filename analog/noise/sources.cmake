# Noise and ageing of devices (included from memristor/sources.cmake).
set(MEMPROP_NOISE_SOURCES noise/telegraph.cpp noise/flicker.cpp noise/retention.cpp)
set_source_files_properties(${MEMPROP_NOISE_SOURCES} PROPERTIES COMPILE_OPTIONS
                            "-ffp-contract=off;-fno-math-errno;-fno-trapping-math")
