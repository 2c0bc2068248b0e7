#include "analog/memristor/simulate_device.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

// The scaled states u in [0, 1].
class ScaledDevice final : public ode::System {
 public:
  ScaledDevice(const StateDevice& device, bool current_drive, double ambient_k)
      : device_(device),
        current_drive_(current_drive),
        ambient_k_(ambient_k),
        x_(device.variables().size()),
        dxdt_(x_.size()) {}

  void set_piece(const Waveform::Piece& piece) { piece_ = &piece; }
  std::size_t size() const override { return x_.size(); }

  double from_unit(std::size_t k, double u) const {
    const StateVariable& s = device_.variables()[k];
    if (u <= 0.0) return s.low;
    if (u >= 1.0) return s.high;
    return s.logarithmic ? s.low * std::exp(u * std::log(s.high / s.low))
                         : s.low + u * (s.high - s.low);
  }
  double to_unit(std::size_t k, double x) const {
    const StateVariable& s = device_.variables()[k];
    return s.logarithmic ? std::log(x / s.low) / std::log(s.high / s.low)
                         : (x - s.low) / (s.high - s.low);
  }
  double voltage(const double* x, double t) const {
    const double drive = piece_->value(t);
    return current_drive_ ? device_.voltage(x, drive, ambient_k_) : drive;
  }

  void rhs(double t, const double* u, double* dudt) override {
    for (std::size_t k = 0; k < x_.size(); ++k) x_[k] = from_unit(k, u[k]);
    device_.rate(x_.data(), voltage(x_.data(), t), ambient_k_, dxdt_.data());
    for (std::size_t k = 0; k < x_.size(); ++k) {
      const StateVariable& s = device_.variables()[k];
      const double rate = s.logarithmic ? dxdt_[k] / (x_[k] * std::log(s.high / s.low))
                                        : dxdt_[k] / (s.high - s.low);
      const bool outwards = (u[k] <= 0.0 && rate < 0.0) || (u[k] >= 1.0 && rate > 0.0);
      dudt[k] = outwards ? 0.0 : rate;
    }
  }

 private:
  const StateDevice& device_;
  bool current_drive_;
  double ambient_k_;
  const Waveform::Piece* piece_ = nullptr;
  std::vector<double> x_, dxdt_;
};

std::vector<double> start_of(const StateDevice& device, const std::vector<double>& initial) {
  const auto& variables = device.variables();
  if (initial.empty()) return device.initial_state();
  if (initial.size() != variables.size()) {
    throw UserError("expected an initial state of " + std::to_string(variables.size()) +
                    " numbers, got " + std::to_string(initial.size()));
  }
  for (std::size_t k = 0; k < variables.size(); ++k) {
    if (!(initial[k] >= variables[k].low && initial[k] <= variables[k].high)) {
      throw UserError("expected the initial " + variables[k].name +
                      " between the bounds of the model, got " + std::to_string(initial[k]) + " " +
                      variables[k].unit);
    }
  }
  return initial;
}

}  // namespace

DeviceTrace simulate_device(const StateDevice& device, const Waveform& waveform,
                            const SimulateOptions& options) {
  const double ambient = options.ambient_k > 0.0 ? options.ambient_k : device.nominal_ambient_k();
  ScaledDevice system(device, options.current_drive, ambient);
  const std::size_t states = system.size();
  std::vector<double> x = start_of(device, options.initial);
  std::vector<double> u(states);
  for (std::size_t k = 0; k < states; ++k) u[k] = system.to_unit(k, x[k]);

  DeviceTrace trace;
  trace.states = states;
  const auto record = [&](double t) {
    for (std::size_t k = 0; k < states; ++k) x[k] = system.from_unit(k, u[k]);
    const double v = system.voltage(x.data(), t);
    trace.t_s.push_back(t);
    trace.v_v.push_back(v);
    trace.i_a.push_back(device.current(x.data(), v, ambient));
    trace.x.insert(trace.x.end(), x.begin(), x.end());
  };

  auto stepper = ode::make_stepper(options.stepper);
  const double duration = waveform.duration_s();
  const double spacing =
      options.samples > 0 ? duration / static_cast<double>(options.samples) : duration;
  std::size_t next = 1;
  for (const Waveform::Piece& piece : waveform.pieces()) {
    system.set_piece(piece);
    if (trace.size() == 0) record(piece.begin_s);
    // Another amplitude, another time scale: the proposal of the last piece means nothing here.
    stepper->reset();
    double t = piece.begin_s;
    while (t < piece.end_s) {
      double to = std::min(spacing * static_cast<double>(next), piece.end_s);
      // A sample time that rounds onto a joint is the joint.
      if (piece.end_s - to < 1e-9 * spacing) to = piece.end_s;
      if (to > t) {
        stepper->advance(system, u, t, to);
        // What the last step left outside of the walls is within the tolerance.
        for (double& value : u) {
          if (value < 0.0 || value > 1.0) {
            value = std::clamp(value, 0.0, 1.0);
            stepper->restart();
          }
        }
        record(to);
        t = to;
      }
      if (to >= spacing * static_cast<double>(next) - 1e-9 * spacing) ++next;
    }
  }
  trace.counters = stepper->counters();
  return trace;
}

void apply_pulse(const StateDevice& device, std::vector<double>& x, double v, double width_s,
                 const SimulateOptions& options) {
  SimulateOptions own = options;
  own.samples = 0;
  own.initial = x;
  const DeviceTrace trace = simulate_device(device, Waveform::constant(v, width_s), own);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = trace.state(trace.size() - 1, k);
}

}  // namespace memprop::analog
