# Fit of pulse models to measured data (included from analog/CMakeLists.txt).
set(MEMPROP_FIT_SOURCES
  fit/pulse_filter.cpp fit/minimise.cpp fit/summary.cpp fit/pulse_model.cpp fit/linear_models.cpp
  fit/device_fit.cpp fit/population.cpp fit/residuals.cpp)
