// Exported netlists with wires in ngspice, which takes minutes for them.
#include "testbenches/spice/test/transient_fixture.hpp"

namespace memprop::bench::spice::test {
namespace {

class SpiceTransientSlow : public SpiceTransient {};

TEST_P(SpiceTransientSlow, EveryMembraneAgrees) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Netlists, SpiceTransientSlow,
                         ::testing::Values(wired("wires-a1", {16, 12, 8}, vg, a1, Case::one_sided),
                                           wired("wires-a2-ota", {16, 12, 8}, ota, a2,
                                                 Case::two_sided)),
                         test_name);

}  // namespace
}  // namespace memprop::bench::spice::test
