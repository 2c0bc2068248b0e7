#include "hw_models/dendrites/branch_modules.hpp"

namespace memprop::hw {

BranchBankModule::BranchBankModule(sc_core::sc_module_name module_name, AnalogBridge& bridge,
                                   analog::BranchBankConfig config)
    : sc_module(module_name), bridge_(bridge), bank_(std::move(config)) {
  bridge_.domain().add(bank_);
  SC_HAS_PROCESS(BranchBankModule);
  SC_METHOD(on_row_en);
  sensitive << row_en;
  dont_initialize();
}

void BranchBankModule::on_row_en() {
  bridge_.guard([this] {
    const bool held = !row_en.read();
    if (held == bank_.held()) return;
    bridge_.advance();
    bank_.set_held(held);
    bridge_.domain().source_changed();
  });
}

BranchLatch::BranchLatch(sc_core::sc_module_name module_name, AnalogBridge& bridge)
    : sc_module(module_name), bridge_(bridge) {
  SC_HAS_PROCESS(BranchLatch);
  SC_METHOD(on_enable);
  sensitive << sh_en;
  dont_initialize();
}

void BranchLatch::add_bank(const analog::BranchBank& bank) {
  banks_.push_back(&bank);
  for (auto& sample : bits_) sample.emplace_back(bank.size(), std::uint8_t{0});
}

void BranchLatch::on_enable() {
  bridge_.guard([this] {
    const std::uint32_t now = sh_en.read();
    for (std::size_t k = 0; k < sample_banks; ++k) {
      const std::uint32_t bit = std::uint32_t{1} << k;
      if ((before_ & bit) == 0 || (now & bit) != 0) continue;
      bridge_.advance();
      const double* node = bridge_.domain().node_voltages().data();
      for (std::size_t t = 0; t < banks_.size(); ++t) banks_[t]->bits(node, bits_[k][t].data());
    }
    before_ = now;
  });
}

}  // namespace memprop::hw
