#include "analog/memristor/pulse_curve.hpp"

#include <algorithm>
#include <cmath>

namespace memprop::analog {
namespace {

double look_up(const std::vector<double>& table, double position) {
  const double last = static_cast<double>(table.size() - 1);
  const double p = std::clamp(position, 0.0, last);
  const auto k = static_cast<std::size_t>(std::min(p, last - 1.0));
  const double part = p - static_cast<double>(k);
  return table[k] + part * (table[k + 1] - table[k]);
}

double look_up(const std::vector<double>& table, const std::vector<double>& nodes, double w) {
  const auto above = std::upper_bound(nodes.begin() + 1, nodes.end() - 1, w);
  const auto k = static_cast<std::size_t>(above - nodes.begin());
  const double part = std::clamp((w - nodes[k - 1]) / (nodes[k] - nodes[k - 1]), 0.0, 1.0);
  return table[k - 1] + part * (table[k] - table[k - 1]);
}

}  // namespace

double PulseCurve::factor(std::size_t device, double w, bool up) const {
  switch (kind) {
    case Kind::line:
      return 1.0;
    case Kind::exp_step: {
      const Device& d = devices[device];
      const double range = d.b_max - d.b_min;
      if (!(range > 0.0)) return 0.0;
      const double z = 2.0 * a * w / range + b;
      const double part = up ? a_up * std::exp(gamma_up * z) : a_down * std::exp(-gamma_down * z);
      return std::max(1.0 - part, 0.0);
    }
    case Kind::power_step: {
      const Device& d = devices[device];
      const double range = d.b_max - d.b_min;
      if (!(range > 0.0)) return 0.0;
      const double left = std::clamp((up ? d.b_max - w : w - d.b_min) / range, 0.0, 1.0);
      return std::pow(left, up ? d.gamma_up : d.gamma_down);
    }
    case Kind::table:
      if (!table_nodes.empty()) return look_up(up ? table_up : table_down, table_nodes, w);
      return look_up(up ? table_up : table_down, (w - table_begin) * table_per_state);
  }
  return 1.0;
}

}  // namespace memprop::analog
