// Device models that can be fitted to measured pulse trains. A model that joins names its
// parameters, says how they become a DeviceConfig, and is added to pulse_models(); likelihood,
// optimum, intervals and spread are the same for all.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analog/fit/pulse_train.hpp"
#include "analog/fit/response.hpp"
#include "analog/memristor/device_config.hpp"
#include "solvers/units.hpp"

namespace memprop::analog::fit {

// What the readings say before any model: starting values. Conductances in units of `unit_s`, so
// that the readings span an interval of length 1.
struct Summary {
  double unit_s = 1.0;
  double low = 0.0, high = 1.0;            // smallest and largest reading
  double up_change = 0.0, up_slope = 0.0;  // line through the changes per pulse: at the middle
  double down_change = 0.0, down_slope = 0.0;
  double cycle_noise = 0.0, read_noise = 0.0;  // standard deviations
  bool has_up = false, has_down = false;
  double middle() const { return 0.5 * (low + high); }
};

// Throws UserError when there is nothing to fit: too few pulses, or a conductance that never
// changes.
Summary summarise(const std::vector<const PulseTrain*>& trains);

enum class Role {
  plain,
  up,         // only potentiation can tell it
  down,       // only depression can
  low_clip,   // lower end of the window: seen only where pulses no longer change the device
  high_clip,  // upper end
};

struct Parameter {
  std::string key;
  std::string meaning;
  bool conductance = false;  // in units of the summary inside the fit, in siemens outside
  bool positive = false;     // searched on a logarithmic scale
  Role role = Role::plain;
};

struct Start {
  std::vector<double> value, low, high;  // and the box in which to search
};

// How far a device lies from the population in a quantity whose spread the model knows.
struct Deviate {
  std::string key;  // of the spread in DeviceConfig: "step_spread"
  double value;
};

class PulseModel {
 public:
  virtual ~PulseModel() = default;
  virtual std::string_view name() const = 0;
  // The last one is the read noise, which belongs to the measurement and not to the device.
  virtual const std::vector<Parameter>& parameters() const = 0;
  virtual Start start(const Summary& summary) const = 0;
  // Conductances in whatever unit the values have.
  virtual DeviceConfig config(const std::vector<double>& values) const = 0;
  // Several deviates of one key count as draws of the same spread.
  virtual std::vector<Deviate> deviates(const std::vector<double>& device,
                                        const std::vector<double>& population) const = 0;
  // As the simulator does it: pulse_law.hpp. To be overridden where a pulse is not linear in g.
  virtual std::unique_ptr<Response> response(const std::vector<double>& values) const;
};

const std::vector<const PulseModel*>& pulse_models();
// Throws UserError listing the models there are.
const PulseModel& pulse_model(std::string_view name);

// Sets DeviceConfig's spread of that key.
void set_spread(DeviceConfig& config, std::string_view key, double value);

}  // namespace memprop::analog::fit
