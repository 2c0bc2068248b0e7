#include "testbenches/experiment/trace/training_trace.hpp"

#include <string>

#include "testbenches/experiment/trace/series_info.hpp"

namespace memprop::bench {

using traces::ElementType;

TrainingTrace::TrainingTrace(traces::TraceFile& file, const RunConfig& config) {
  const bool chip = has_chip(config.fidelity);
  const auto series = [&](const char* name, ElementType type, const char* unit, const char* text,
                          const char* axis) {
    return file.series(std::string("training/") + name, values(type, unit, text, axis));
  };
  if (config.fidelity != Fidelity::ideal || config.learning.train) {
    samples_ =
        file.row_axis("training/samples",
                      values(ElementType::int64, "1", "training samples at the end of the block"));
    accuracy_ = series("accuracy", ElementType::float64, "1",
                       "share of right answers in the block, before learning", "samples");
  }
  if (chip) {
    cycles_ = series("cycles", ElementType::int64, "1", "clock cycles so far", "samples");
    pulses_ = series("pulses", ElementType::int64, "1", "programming pulses on devices so far",
                     "samples");
    energy_ = series("energy", ElementType::float64, "J", "energy so far", "samples");
    const char* const parts[][2] = {{"energy_arrays", "energy of the arrays so far"},
                                    {"energy_neurons", "energy of the neurons so far"},
                                    {"energy_converters", "energy of the converters so far"},
                                    {"energy_writes", "energy of the programming pulses so far"},
                                    {"energy_digital", "energy of the controller so far"}};
    for (std::size_t k = 0; k < 5; ++k) {
      energy_part_[k] = series(parts[k][0], ElementType::float64, "J", parts[k][1], "samples");
    }
  }
  epoch_ = file.row_axis("training/epoch", values(ElementType::int64, "1", "epochs completed"));
  test_accuracy_ =
      series("test_accuracy", ElementType::float64, "1", "accuracy on the test samples", "epoch");
  training_accuracy_ = series("training_accuracy", ElementType::float64, "1",
                              "share of right answers during the epoch", "epoch");
  if (!chip || !config.learning.train || config.output.update_every == 0) return;
  update_ = file.row_axis(
      "training/update/sample",
      values(ElementType::int64, "1", "number of the training sample in the order of training"));
  loss_ = series("update/loss", ElementType::float64, "1",
                 "cost of the free phase, before learning", "sample");
  right_ =
      series("update/right", ElementType::uint8, "1", "whether the answer was right", "sample");
  set_ = series("update/set_pulses", ElementType::int64, "1", "SET pulses on devices", "sample");
  reset_ =
      series("update/reset_pulses", ElementType::int64, "1", "RESET pulses on devices", "sample");
  saturated_ = series("update/saturated_pulses", ElementType::int64, "1",
                      "pulses that ended at a bound", "sample");
  update_cycles_ =
      series("update/cycles", ElementType::int64, "1", "clock cycles of the sample", "sample");
}

void TrainingTrace::block(const BlockRow& row) {
  samples_.append_value(static_cast<std::int64_t>(row.samples));
  accuracy_.append_value(row.accuracy);
  if (!cycles_) return;
  cycles_.append_value(static_cast<std::int64_t>(row.cycles));
  pulses_.append_value(static_cast<std::int64_t>(row.pulses));
  energy_.append_value(row.energy.total_j());
  const double part[] = {row.energy.arrays_j, row.energy.neurons_j, row.energy.converters_j,
                         row.energy.writes_j, row.energy.digital_j};
  for (std::size_t k = 0; k < 5; ++k) energy_part_[k].append_value(part[k]);
}

void TrainingTrace::epoch(std::uint64_t epoch, double test_accuracy, double training_accuracy) {
  epoch_.append_value(static_cast<std::int64_t>(epoch));
  test_accuracy_.append_value(test_accuracy);
  training_accuracy_.append_value(training_accuracy);
}

void TrainingTrace::update(const UpdateRow& row) {
  if (!update_) return;
  update_.append_value(static_cast<std::int64_t>(row.sample));
  loss_.append_value(row.loss);
  right_.append_value(static_cast<std::uint8_t>(row.right));
  set_.append_value(static_cast<std::int64_t>(row.set_pulses));
  reset_.append_value(static_cast<std::int64_t>(row.reset_pulses));
  saturated_.append_value(static_cast<std::int64_t>(row.saturated_pulses));
  update_cycles_.append_value(static_cast<std::int64_t>(row.cycles));
}

}  // namespace memprop::bench
