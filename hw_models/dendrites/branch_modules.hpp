// The branches of a chip as SystemC modules: banks that hold while the rows are off, and the
// comparators' latches.
#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "analog/neuron/branch_bank.hpp"
#include "digital/tile_shape.hpp"
#include "hw_models/analog_bridge.hpp"
#include "hw_models/converter/sample_hold.hpp"

namespace memprop::hw {

class BranchBankModule : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> row_en{"row_en"};  // low: branches hold their charge

  BranchBankModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                   analog::BranchBankConfig config);

  analog::BranchBank& bank() { return bank_; }
  const analog::BranchBank& bank() const { return bank_; }
  void precharge() { bridge_.domain().set_nodes(bank_.nodes(), 0.0); }

 private:
  void on_row_en();

  AnalogBridge& bridge_;
  analog::BranchBank bank_;
};

// One comparator bit per branch and sample, taken when sample-and-hold bank k stops tracking.
class BranchLatch : public sc_core::sc_module, public digital::BranchGates {
 public:
  sc_core::sc_in<std::uint32_t> sh_en{"sh_en"};

  BranchLatch(sc_core::sc_module_name module_name, AnalogBridge& bridge);

  // Of the tiles in their order, before the first sample; the bank outlives the latch.
  void add_bank(const analog::BranchBank& bank);
  Span<const std::uint8_t> gates(std::size_t tile, std::size_t sample) const override {
    return bits_[sample].at(tile);
  }

 private:
  void on_enable();

  AnalogBridge& bridge_;
  std::vector<const analog::BranchBank*> banks_;
  std::vector<std::vector<std::uint8_t>> bits_[sample_banks];  // [sample][tile]
  std::uint32_t before_ = 0;
};

}  // namespace memprop::hw
