// Update circuit U3 (Manhattan): one pulse per cell in the direction of sign(d_i) sign(x_j), where
// both magnitudes exceed their thresholds. One slot per pass (sign_passes.hpp); no random bits.
#pragma once

#include <cstdint>
#include <vector>

#include "digital/sign_passes.hpp"
#include "digital/update_engine.hpp"

namespace memprop::digital {

class SignEngine : public UpdateEngine {
 public:
  explicit SignEngine(const ControllerConfig& config);

  void reset() override {}
  void start(const UpdateOperands& operands) override;
  bool cycle(ControllerOutputs& out, ControllerCounters& counters) override;
  void release(ControllerOutputs& out) override;
  void save(std::vector<std::uint64_t>&) const override {}
  std::size_t saved_words() const override { return 0; }
  void restore(Span<const std::uint64_t>) override {}

 private:
  std::vector<TileUpdateRegisters> registers_;
  std::vector<SignPass> passes_;
  std::vector<std::vector<std::uint8_t>> row_high_, col_high_;  // per tile, one byte per line
  const UpdateOperands* operands_ = nullptr;
  std::size_t pass_ = 0;
};

}  // namespace memprop::digital
