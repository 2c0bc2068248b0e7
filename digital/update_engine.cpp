#include "digital/update_engine.hpp"

#include "digital/accumulate_engine.hpp"
#include "digital/optimiser_engine.hpp"
#include "digital/product_sign_engine.hpp"
#include "digital/pulse_count_engine.hpp"
#include "digital/sign_engine.hpp"
#include "digital/squared_drop_engine.hpp"
#include "digital/stochastic_engine.hpp"
#include "digital/verify_engine.hpp"

namespace memprop::digital {

std::unique_ptr<UpdateEngine> make_update_engine(const ControllerConfig& config) {
  if (config.squared_drop && config.circuit != UpdateCircuit::none) {
    return std::make_unique<SquaredDropEngine>(config);
  }
  switch (config.circuit) {
    case UpdateCircuit::none:
      return nullptr;
    case UpdateCircuit::pulse_count:
      return std::make_unique<PulseCountEngine>(config);
    case UpdateCircuit::stochastic:
      return std::make_unique<StochasticEngine>(config);
    case UpdateCircuit::sign_sign:
      return std::make_unique<SignEngine>(config);
    case UpdateCircuit::accumulate:
      if (config.optimiser.on) return std::make_unique<OptimiserEngine>(config);
      return std::make_unique<AccumulateEngine>(config);
    case UpdateCircuit::product_sign:
      return std::make_unique<ProductSignEngine>(config);
    case UpdateCircuit::serial_sign:
      return std::make_unique<SerialSignEngine>(config);
    case UpdateCircuit::write_verify:
      return std::make_unique<VerifyEngine>(config);
  }
  return nullptr;
}

RegisterBank::RegisterBank(std::uint32_t seed, std::size_t tile, Lane lane, std::size_t size)
    : seed_(seed),
      tile_(static_cast<std::uint32_t>(tile)),
      lane_(lane),
      size_(size),
      value_(padded_lanes(size), 0) {
  reset();
}

void RegisterBank::reset() {
  for (std::size_t i = 0; i < size_; ++i) {
    value_[i] = register_seed(seed_, tile_, lane_, static_cast<std::uint32_t>(i));
  }
}

void RegisterBank::save(std::vector<std::uint64_t>& state) const {
  for (std::size_t i = 0; i < size_; i += 2) {
    const std::uint64_t high = i + 1 < size_ ? value_[i + 1] : 0;
    state.push_back(high << 32 | value_[i]);
  }
}

void RegisterBank::restore(Span<const std::uint64_t> state) {
  for (std::size_t i = 0; i < size_; ++i) {
    value_[i] = static_cast<std::uint32_t>(state[i / 2] >> (i % 2 * 32));
  }
}

}  // namespace memprop::digital
