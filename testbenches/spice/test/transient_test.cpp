// Exported netlists in ngspice: all neuron circuits, feedback options and cells.
#include "testbenches/spice/test/transient_fixture.hpp"

namespace memprop::bench::spice::test {
namespace {

TEST_P(SpiceTransient, EveryMembraneAgrees) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Netlists, SpiceTransient,
    ::testing::Values(
        Case{"tiny-a1", {2, 3, 2}}, Case{"a1-heterogeneous", {16, 12, 8}, vg, a1, true},
        Case{"a1-ota-bias", {16, 12, 8}, ota, a1, true, true},
        Case{"a2-spread", {16, 12, 8}, vg, a2, true, true, true},
        Case{"a2-ota-spread", {16, 12, 8}, ota, a2, true, true, true},
        Case{"a1-three-layers", {8, 7, 6, 5}, vg, a1, true, false, true, Activation::logistic},
        active("a1-hard-sigmoid", vg, a1, Activation::hard_sigmoid),
        active("a1-diode-clamp", hw::NeuronCircuit::clamp, a1, Activation::hard_sigmoid),
        active("a2-shifted-logistic", ota, a2, Activation::shifted_logistic),
        active("a1-linear", vg, a1, Activation::linear),
        wired("wires-a1", {6, 5, 4}, vg, a1, Case::one_sided),
        wired("wires-a2-ota", {6, 5, 4}, ota, a2, Case::two_sided),
        wired("wires-1t1r", {6, 5, 4}, vg, a1, Case::two_arrays), bent("sinh-cells", 0.08),
        bent_wired("sinh-wires", 0.08, Case::one_sided, 0.0),
        bent_wired("sinh-1t1r-limit", 0.08, Case::two_arrays, 2e-6),
        Case{"slots", {8, 6, 4}, vg, slots, true, true, true}),
    test_name);

}  // namespace
}  // namespace memprop::bench::spice::test
