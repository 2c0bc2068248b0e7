memprop_test(neuron_circuit_test SOURCES test/neuron_circuit_test.cpp DEPS memprop::analog)
# ngspice judges; without it these tests say so.
memprop_test(neuron_spice_test SOURCES test/neuron_spice_test.cpp test/adaptation_spice_test.cpp DEPS memprop::analog)
if(TARGET neuron_spice_test)
  target_compile_definitions(neuron_spice_test PRIVATE
    MEMPROP_NGSPICE="$<$<BOOL:${MEMPROP_NGSPICE}>:${MEMPROP_NGSPICE}>")
endif()
