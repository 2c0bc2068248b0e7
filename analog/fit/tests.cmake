memprop_test(fit_test
  SOURCES test/fit_test.cpp
  DEPS memprop::analog)
memprop_test(fit_coverage_test
  SOURCES test/fit_coverage_slow_test.cpp
  DEPS memprop::analog
  LABELS slow
  TIMEOUT 1800)
