#include "analog/memristor/ideal.hpp"

namespace memprop::analog {

PulseLaw ideal_law(const DeviceConfig& config, std::size_t cells) {
  const double window = config.g_max_s - config.g_min_s;
  const double step = config.step * window / (config.w_max - config.w_min);
  PulseLaw law;
  law.up_step.assign(cells, step);
  law.down_step.assign(cells, -step);
  law.low.assign(cells, config.g_min_s);
  law.high.assign(cells, config.g_max_s);
  law.initial = config.g_min_s + 0.5 * window;
  return law;
}

}  // namespace memprop::analog
