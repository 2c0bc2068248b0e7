#include "analog/fit/pulse_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analog/fit/linear_models.hpp"
#include "analog/memristor/pulse_law.hpp"
#include "solvers/error.hpp"

namespace memprop::analog::fit {
namespace {

// The law of one device of an array, in conductance instead of its state.
class LawResponse : public Response {
 public:
  explicit LawResponse(const PulseLaw& law) {
    const auto convert = [&](double step, double slope) {
      return Line{law.scale * step - slope * law.offset, slope, law.scale * step};
    };
    up_ = convert(law.up_step.at(0), law.up_slope.empty() ? 0.0 : law.up_slope[0]);
    down_ = convert(law.down_step.at(0), law.down_slope.empty() ? 0.0 : law.down_slope[0]);
    noise_ = law.cycle_noise;
    sigma_ =
        law.cycle_noise == CycleNoise::absolute ? law.cycle_sigma * law.scale : law.cycle_sigma;
    low = law.scale * law.low.at(0) + law.offset;
    high = law.scale * law.high.at(0) + law.offset;
  }

  Pulse at(double g, bool is_up) const override {
    const Line& line = is_up ? up_ : down_;
    const double change = line.change + line.slope * g;
    switch (noise_) {
      case CycleNoise::of_change:
        return {change, line.slope, sigma_ * change, sigma_ * line.slope};
      case CycleNoise::of_step:
        return {change, line.slope, sigma_ * line.step, 0.0};
      case CycleNoise::absolute:
        return {change, line.slope, sigma_, 0.0};
      default:
        return {change, line.slope, 0.0, 0.0};
    }
  }

 private:
  struct Line {
    double change, slope, step;  // change = change + slope g; step: without the slope
  };
  Line up_{}, down_{};
  CycleNoise noise_ = CycleNoise::none;
  double sigma_ = 0.0;
};

}  // namespace

std::unique_ptr<Response> PulseModel::response(const std::vector<double>& values) const {
  auto out =
      std::make_unique<LawResponse>(make_pulse_law(config(values), 1, RandomStream(0, "fit")));
  out->read_noise = values.back();
  return out;
}

const std::vector<const PulseModel*>& pulse_models() {
  static const std::vector<const PulseModel*> models{&constant_step_model(), &soft_bounds_model(),
                                                     &exponential_model()};
  return models;
}

const PulseModel& pulse_model(std::string_view name) {
  std::string known;
  for (const PulseModel* model : pulse_models()) {
    if (model->name() == name) return *model;
    known += (known.empty() ? "" : ", ") + std::string(model->name());
  }
  throw UserError("expected a model that can be fitted (" + known + "), got \"" +
                  std::string(name) + "\"");
}

void set_spread(DeviceConfig& config, std::string_view key, double value) {
  if (key == "step_spread") {
    config.step_spread = value;
  } else if (key == "up_down_spread") {
    config.up_down_spread = value;
  } else if (key == "w_max_spread") {
    config.w_max_spread = value;
  } else if (key == "w_min_spread") {
    config.w_min_spread = value;
  } else if (key == "nonlinearity_spread") {
    config.nonlinearity_spread = value;
  } else {
    throw InternalError("no spread \"" + std::string(key) + "\" in a device");
  }
}

}  // namespace memprop::analog::fit
