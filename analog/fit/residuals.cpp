#include <algorithm>
#include <cmath>

#include "analog/fit/population.hpp"

namespace memprop::analog::fit {

std::vector<Residual> residuals(const PopulationFit& fit, const std::vector<PulseTrain>& trains) {
  std::vector<Residual> rows;
  const auto groups = by_device(trains);
  for (std::size_t d = 0; d < groups.size(); ++d) {
    const auto response = fit.model->response(fit.devices[d].values());
    for (std::size_t t = 0; t < groups[d].size(); ++t) {
      const PulseTrain& train = *groups[d][t];
      std::vector<Prediction> predictions;
      log_likelihood(*response, train, 1.0, &predictions);
      double smooth = 0.0;
      for (std::size_t k = 0; k < train.readings.size(); ++k) {
        const Reading& r = train.readings[k];
        if (r.starts) smooth = std::clamp(r.conductance_s, response->low, response->high);
        for (unsigned p = 0; p < r.pulses && !r.starts; ++p) {
          smooth =
              std::clamp(smooth + response->at(smooth, r.up).change, response->low, response->high);
        }
        rows.push_back({train.device, t, k, r.conductance_s, predictions[k].mean,
                        predictions[k].deviation, smooth, r.starts});
      }
    }
  }
  return rows;
}

ResidualFigures figures(const std::vector<Residual>& rows) {
  ResidualFigures f;
  double squares = 0.0, products = 0.0, before = 0.0;
  for (const Residual& row : rows) {
    if (row.starts) {
      before = 0.0;
      continue;
    }
    const double z = (row.measured_s - row.expected_s) / row.deviation_s;
    squares += z * z;
    products += z * before;
    before = z;
    f.largest = std::max(f.largest, std::fabs(z));
    ++f.count;
  }
  if (f.count == 0) return f;
  f.rms = std::sqrt(squares / static_cast<double>(f.count));
  f.neighbours = products / squares;
  return f;
}

}  // namespace memprop::analog::fit
