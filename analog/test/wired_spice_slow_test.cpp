// The same for arrays that take ngspice many seconds to minutes.
#include "analog/test/wired_spice_fixture.hpp"

namespace memprop::analog {
namespace {

using SpiceSlow = Spice;

TEST_F(SpiceSlow, OneEnd64Forward) { compare(all_ends(64).front(), forward, 1e-9); }
TEST_F(SpiceSlow, OneEnd64Backward) { compare(all_ends(64).front(), backward, 1e-9); }
TEST_F(SpiceSlow, DrivenAtBothEnds64) {
  compare(all_ends(64)[2], forward, 1e-9);
  compare(all_ends(64)[2], backward, 1e-9);
}
TEST_F(SpiceSlow, SensedAtBothEnds64) {
  compare(all_ends(64)[1], forward, 1e-9);
  compare(all_ends(64)[1], backward, 1e-9);
}
TEST_F(SpiceSlow, BothAtBothEnds64) {
  compare(all_ends(64)[3], forward, 1e-9);
  compare(all_ends(64)[3], backward, 1e-9);
}
TEST_F(SpiceSlow, IdealEnds64) {
  compare(all_ends(64)[4], forward, 1e-9);
  compare(all_ends(64)[4], backward, 1e-9);
}
TEST_F(SpiceSlow, OneEnd128) { compare(all_ends(128).front(), forward, 1e-9); }

}  // namespace
}  // namespace memprop::analog
