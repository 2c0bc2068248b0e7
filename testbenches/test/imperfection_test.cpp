// The imperfections of the circuits (ep-circuits 3.1, items 9 to 17 and 20): each enters as the
// catalogue says, and cancels in the difference of two phases where the catalogue says so.
//
// What does not cancel leaves a bias of the response (r+ - r-) / 2 beta that grows as 1 / beta;
// what cancels moves states but leaves the response within a bound that beta does not change.
#include <gtest/gtest.h>

#include "learning/reference/fixed_point.hpp"
#include "testbenches/test/imperfection_fixture.hpp"

namespace memprop::bench {
namespace {

using hw::TwinMode;
using test::bare_chip;
using test::effect;
using test::Held;
using test::Job;
using test::largest;
using test::largest_difference;
using test::Nudging;
using test::response;
using test::run;

// 9: offset of the summing amplifiers.
TEST(Imperfection, AmplifierOffsetMovesStatesAndCancels) {
  const auto offset = [](Job& j) { j.chip.neuron.amplifier_offset_v = 5e-4; };
  const auto at = effect({}, offset, 0.1), at_small = effect({}, offset, 0.0125);
  EXPECT_GT(at.state, 5e-3);
  EXPECT_LT(at.response, 0.1);
  EXPECT_NEAR(at_small.response, at.response, 0.3 * at.response);
}

// 9: offset of the activity lines; held voltages carry it, differences do not.
TEST(Imperfection, LineOffsetMovesStatesAndCancels) {
  const auto offset = [](Job& j) { j.chip.neuron.offset_v = 2e-3; };
  const auto at = effect({}, offset, 0.1), at_small = effect({}, offset, 0.0125);
  EXPECT_GT(at.state, 5e-3);
  EXPECT_LT(at.response, 0.1);
  EXPECT_NEAR(at_small.response, at.response, 0.3 * at.response);
}

// 9: finite gain. Neuron i hears all its lines by 1 / (1 + R_in G_s,i), which is a network with
// other weights: w_ij g_i forwards, and on the way back B_ij g_i.
TEST(Imperfection, FiniteGainIsAFixedWeightChange) {
  Job job;
  job.network.config.feedback = learning::FeedbackWeights::separate;
  job.chip.feedback = hw::FeedbackArray::separate_array;
  for (std::size_t l = 1; l < 3; ++l) {
    const Matrix& w = job.network.weight[l];
    Matrix b(w.cols(), w.rows());
    for (std::size_t i = 0; i < w.rows(); ++i) {
      for (std::size_t j = 0; j < w.cols(); ++j) b(j, i) = w(i, j);
    }
    job.network.feedback.push_back(b);
  }
  Job finite = job, other = job;
  finite.chip.neuron.amplifier_gain = 20.0;
  finite.chip.neuron.amplifier_ohm = 50e3;
  const Held held = run(finite, {}, [&](hw::ChipRunner& runner) {
    const auto& chip = runner.chip().analog();
    for (std::size_t l = 1; l <= 3; ++l) {
      for (std::size_t i = 0; i < 2; ++i) {
        const auto sum = [&](const analog::DevicePairs& pairs, std::size_t cell) {
          return 0.5 * (pairs.plus().conductance()[cell] + pairs.reference_s());
        };
        double load = 0.0;
        const auto& pairs = chip.tile(l).pairs();
        for (std::size_t j = 0; j < pairs.rows(); ++j) load += sum(pairs, i * pairs.rows() + j);
        if (l < 3) {
          const auto& above = *chip.tile(l + 1).feedback_pairs();
          for (std::size_t k = 0; k < 2; ++k) load += sum(above, k * 2 + i);
        }
        const double gain = 1.0 / (1.0 + 50e3 / 21.0 * load);
        EXPECT_LT(gain, 0.99);
        Matrix& w = other.network.weight[l - 1];
        for (std::size_t j = 0; j < w.cols(); ++j) w(i, j) *= gain;
        if (l == 3) continue;
        Matrix& b = other.network.feedback[l - 1];
        for (std::size_t k = 0; k < 2; ++k) b(i, k) *= gain;
      }
    }
  });
  const Held expected = run(other);
  EXPECT_LT(largest_difference(held.free, expected.free), 1e-8);
  EXPECT_LT(largest_difference(held.plus, expected.plus), 1e-8);
  EXPECT_LT(largest_difference(held.minus, expected.minus), 1e-8);
}

// Bandwidth and slew rate delay and leave the fixed point where it is.
TEST(Imperfection, SlowAmplifiersLeaveTheFixedPoint) {
  const auto at = effect(
      {},
      [](Job& j) {
        j.chip.neuron.amplifier_time_constant_s = 20e-9;
        j.chip.neuron.slew_v_per_s = 0.3e6;
      },
      0.1);
  EXPECT_LT(at.state, 1e-8);
  EXPECT_LT(at.response, 1e-6);
}

// 10: capacitors change the way, leaks the drive of a neuron (as a gain does).
TEST(Imperfection, CapacitorsLeaveTheFixedPointAndLeaksAreAGain) {
  const auto capacitors = effect(
      {}, [](Job& j) { j.chip.neuron.capacitor_mismatch = 0.2; }, 0.1);
  EXPECT_LT(capacitors.state, 1e-8);
  EXPECT_LT(capacitors.response, 1e-6);
  const auto leak = [](Job& j) { j.chip.neuron.leak_mismatch = 0.02; };
  const auto at = effect({}, leak, 0.1), at_small = effect({}, leak, 0.0125);
  EXPECT_GT(at.state, 5e-3);
  EXPECT_LT(at.response, 0.1);
  EXPECT_NEAR(at_small.response, at.response, 0.3 * at.response);
}

// 10: designed spread of the leaks is no imperfection: the references know the gains.
TEST(Imperfection, ReferencesKnowLeaksThatSpreadTimeConstants) {
  Job job;
  job.network.gain = job.network.tau_s;
  std::size_t k = 0;
  for (std::size_t l = 0; l < 3; ++l) {
    for (std::size_t i = 0; i < job.network.gain[l].size(); ++i, ++k) {
      job.network.gain[l][i] = 0.7 + 0.12 * static_cast<double>(k);
      job.network.tau_s[l][i] = 100e-9 * job.network.gain[l][i];
    }
  }
  const Held held = run(job, {}, [&](hw::ChipRunner& runner) {
    const auto& bank = runner.chip().analog().bank(2).bank().config();
    for (std::size_t i = 0; i < bank.leak_s.size(); ++i) {
      EXPECT_NEAR(bank.capacitance_f[i], 100e-9 * job.chip.neuron.leak_s, 1e-24);
      EXPECT_NEAR(bank.leak_s[i] * job.network.gain[1][i], job.chip.neuron.leak_s, 1e-18);
    }
  });
  const std::vector<double> x{1.0, -0.5, 0.25}, y{0.5, -0.5};
  const auto lines = [&](double beta) {
    std::vector<double> r;
    for (const auto& layer : learning::fixed_point(job.network, x, beta, y).r) {
      r.insert(r.end(), layer.begin(), layer.end());
    }
    return r;
  };
  EXPECT_LT(largest_difference(held.free, lines(0.0)), 1e-8);
  EXPECT_LT(largest_difference(held.plus, lines(job.beta)), 1e-8);
  EXPECT_LT(largest_difference(held.minus, lines(-job.beta)), 1e-8);
  EXPECT_GT(largest_difference(held.free, run({}).free), 5e-3);
}

// Without amplifiers a chip is a network whose gains and time constants follow the weights.
TEST(Imperfection, LinesLoadPassiveNeurons) {
  for (const bool separate : {false, true}) {
    Job job;
    job.chip.neuron.circuit = hw::NeuronCircuit::passive;
    if (separate) job.chip.feedback = hw::FeedbackArray::separate_array;
    learning::Network loaded = job.network;
    const Held held = run(job, {}, [&](hw::ChipRunner& runner) {
      const auto& chip = runner.chip().analog();
      loaded.gain.clear();
      for (std::size_t l = 1; l <= 3; ++l) {
        std::vector<double> gain;
        for (std::size_t i = 0; i < 2; ++i) {
          const auto sum = [](const analog::DevicePairs& pairs, std::size_t cell) {
            return pairs.plus().conductance()[cell] + pairs.reference_s();
          };
          double load = 0.0;
          const auto& pairs = chip.tile(l).pairs();
          for (std::size_t j = 0; j < pairs.rows(); ++j) load += sum(pairs, i * pairs.rows() + j);
          for (std::size_t k = 0; l < 3 && k < 2; ++k) {
            const auto& above = chip.tile(l + 1);
            load += sum(separate ? *above.feedback_pairs() : above.pairs(), k * 2 + i);
          }
          const double leak_s = job.chip.neuron.leak_s;
          gain.push_back(leak_s / (leak_s + chip.mirror(l) * load));
        }
        loaded.gain.push_back(gain);
      }
    });
    EXPECT_LT(loaded.gain[0][0], 0.5);
    const std::vector<double> x{1.0, -0.5, 0.25}, y{0.5, -0.5};
    const auto lines = [&](double beta) {
      std::vector<double> r;
      for (const auto& layer : learning::fixed_point(loaded, x, beta, y).r) {
        r.insert(r.end(), layer.begin(), layer.end());
      }
      return r;
    };
    EXPECT_LT(largest_difference(held.free, lines(0.0)), 1e-8);
    EXPECT_LT(largest_difference(held.plus, lines(job.beta)), 1e-8);
    EXPECT_LT(largest_difference(held.minus, lines(-job.beta)), 1e-8);
  }
}

Job twins(TwinMode mode) {
  Job job;
  job.nudging = Nudging::one_sided;
  job.chip.twin.mode = mode;
  return job;
}

// 11: copies that do not match leave a bias delta / beta.
TEST(Imperfection, TwinMismatchGrowsAsOneOverBeta) {
  const auto mismatch = [](Job& j) { j.chip.twin.gain_mismatch = 0.01; };
  const Job job = twins(TwinMode::free_nudged);
  const auto at = effect(job, mismatch, 0.1), at_small = effect(job, mismatch, 0.0125);
  EXPECT_LT(at.state, 1e-9);  // the free copy is the original
  EXPECT_GT(at.response, 0.02);
  EXPECT_NEAR(at_small.response / at.response, 8.0, 0.8);
  std::printf("bias %.3g of the response at beta = 0.1, %.3g at 0.0125\n", at.response,
              at_small.response);
}

// Copies that match are a sample-and-hold without a stored state.
TEST(Imperfection, MatchedTwinsGiveTheDifferenceOfTwoPhases) {
  Job sequential;
  sequential.nudging = Nudging::one_sided;
  for (const auto mode : {TwinMode::free_nudged, TwinMode::swapped, TwinMode::zero_nudge}) {
    const Held a = run(sequential), b = run(twins(mode));
    EXPECT_LT(largest_difference(a.free, b.free), 1e-8);
    EXPECT_LT(largest_difference(a.plus, b.plus), 1e-8);
  }
}

// Its first cure: the copies change their parts, and the bias its sign.
TEST(Imperfection, SwappedTwinsCancelTheirMismatchOverTwoSamples) {
  Job job = twins(TwinMode::swapped);
  job.beta = 0.0125;
  const auto ideal = response(job, run(job));
  job.chip.twin.gain_mismatch = 0.01;
  auto first = job, second = job;
  second.samples = 2;
  const auto a = response(job, run(first)), b = response(job, run(second));
  std::vector<double> mean(a.size());
  for (std::size_t k = 0; k < a.size(); ++k) mean[k] = 0.5 * (a[k] + b[k]);
  const double bias = largest_difference(a, ideal) / largest(ideal);
  EXPECT_GT(bias, 0.2);
  const double left = largest_difference(mean, ideal) / largest(ideal);
  EXPECT_LT(left, 0.05 * bias);
  std::printf("bias %.3g of the response, %.3g over two samples\n", bias, left);
}

// Its second cure: the nudged copy against itself before the nudge.
TEST(Imperfection, ZeroNudgeMeasurementCancelsTwinMismatch) {
  Job job = twins(TwinMode::zero_nudge);
  job.beta = 0.0125;
  const auto against_itself = [&](const Held& held) {
    std::vector<double> d;
    for (std::size_t k = 0; k < held.plus.size(); ++k) {
      d.push_back((held.plus[k] - held.minus[k]) / job.beta);  // bank 2: before the nudge
    }
    return d;
  };
  const auto ideal = against_itself(run(job));
  job.chip.twin.gain_mismatch = 0.01;
  job.chip.twin.offset_v = 1e-3;
  const double cured = largest_difference(against_itself(run(job)), ideal);
  job.chip.twin.mode = TwinMode::free_nudged;
  const double bias = largest_difference(response(job, run(job)), ideal);
  EXPECT_GT(bias, largest(ideal));
  EXPECT_LT(cured, 0.02 * bias);
  std::printf("bias %.3g of the response, %.3g against itself\n", bias / largest(ideal),
              cured / largest(ideal));
}

// 12: a feedback array with faults of its own is no longer b W^T: the response is another one.
TEST(Imperfection, AsymmetricFeedbackDoesNotCancel) {
  const auto stray = [](Job& j) {
    Matrix b(2, 2);
    j.network.config.feedback = learning::FeedbackWeights::separate;
    for (std::size_t l = 1; l < 3; ++l) {
      const Matrix& w = j.network.weight[l];
      for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t k = 0; k < 2; ++k) b(k, i) = w(i, k) + (i == k ? 0.1 : -0.1);
      }
      j.network.feedback.push_back(b);
    }
  };
  // The response of the first layer, which has come back through two arrays.
  const auto error = [&](double beta) {
    Job job;
    job.beta = beta;
    job.chip.feedback = hw::FeedbackArray::separate_array;
    auto ideal = response(job, run(job));
    stray(job);
    auto found = response(job, run(job));
    ideal.resize(2);
    found.resize(2);
    return largest_difference(found, ideal) / largest(ideal);
  };
  const double at = error(0.1);
  EXPECT_GT(at, 0.05);
  EXPECT_NEAR(error(0.0125), at, 0.3 * at);
}

// 13: phases that end early leave a residual, which twins (equal phases) do not see.
TEST(Imperfection, IncompleteSettlingCancelsOnlyBetweenEqualPhases) {
  const auto hasty = [](Job& j) { j.chip.schedule.free = j.chip.schedule.nudge_positive = 60; };
  Job sequential;
  sequential.nudging = Nudging::one_sided;
  const auto a = effect(sequential, hasty, 0.0125),
             b = effect(twins(TwinMode::free_nudged), hasty, 0.0125);
  EXPECT_GT(a.state, 1e-3);
  EXPECT_NEAR(b.state, a.state, 1e-6);
  EXPECT_GT(a.response, 3.0 * b.response);
}

// 14: injection, constant or in proportion to the voltage.
TEST(Imperfection, ConstantInjectionCancelsAndSignalDependentIsAGain) {
  const auto constant = effect(
      {}, [](Job& j) { j.chip.sample_hold.injection_v = 5e-3; }, 0.1);
  EXPECT_NEAR(constant.state, 0.05, 1e-9);
  EXPECT_LT(constant.response, 1e-9);
  const auto signal = effect(
      {}, [](Job& j) { j.chip.sample_hold.injection_gain = 0.03; }, 0.0125);
  EXPECT_NEAR(signal.response, 0.03, 1e-6);
}

// 14: droop, equal for equal ages. Twins hold two banks at once and convert one after the other.
TEST(Imperfection, DroopCancelsOnlyForEqualAges) {
  const auto leak = [](Job& j) {
    j.chip.sample_hold.leakage_a = 2e-9;  // 1 pF: 2 mV a microsecond
    j.chip.adc.bits = 24;
    j.codes = true;
  };
  const auto coded = [](Job j) {
    j.chip.adc.bits = 24;
    j.codes = true;
    j.chip.schedule.convert = 20;
    return j;
  };
  const auto equal = effect(coded({}), leak, 0.0125);
  EXPECT_GT(equal.state, 1e-3);
  EXPECT_LT(equal.response, 1e-3);
  const auto unequal = effect(coded(twins(TwinMode::free_nudged)), leak, 0.0125);
  EXPECT_GT(unequal.response, 0.1);
}

// 14: kT/C does not cancel: the difference has twice the variance of one sample.
TEST(Imperfection, ThermalNoiseOfTheHoldDoesNotCancel) {
  Job job;
  job.chip.schedule = {2, 100, 2, 2, 60, 60};
  job.chip.solver.rtol = 1e-6;
  const Held ideal = run(job);
  job.chip.sample_hold.thermal_noise = true;
  const double sigma = std::sqrt(1.380649e-23 * 300.0 / 1e-12) / 0.1;  // in units of activity
  double sum = 0.0, sum_difference = 0.0;
  std::size_t count = 0;
  for (job.seed = 2; job.seed < 202; ++job.seed) {
    const Held held = run(job);
    for (std::size_t k = 0; k < held.free.size(); ++k, ++count) {
      const double one = held.plus[k] - ideal.plus[k];
      const double difference = one - (held.minus[k] - ideal.minus[k]);
      sum += one * one;
      sum_difference += difference * difference;
    }
  }
  // 1200 values: their variance is known to 4 %.
  const auto n = static_cast<double>(count);
  EXPECT_NEAR(sum / n / (sigma * sigma), 1.0, 0.16);
  EXPECT_NEAR(sum_difference / n / (2.0 * sigma * sigma), 1.0, 0.16);
}

// 15: offset of the converter cancels but for rounding; its nonlinearity does not, for two states
// meet other slopes of it.
TEST(Imperfection, ConverterOffsetCancelsAndNonlinearityDoesNot) {
  Job job;
  job.chip.adc.bits = 20;
  job.codes = true;
  const auto offset = effect(
      job, [](Job& j) { j.chip.adc.offset_v = 2e-3; }, 0.1);
  EXPECT_GT(offset.state, 1e-2);
  EXPECT_LT(offset.response, 1e-3);
  const auto bent = [](Job& j) { j.chip.adc.inl = 0.02 * std::ldexp(1.0, 19); };
  const auto at = effect(job, bent, 0.1), at_small = effect(job, bent, 0.0125);
  EXPECT_GT(at.response, 5e-3);
  EXPECT_NEAR(at_small.response, at.response, 0.5 * at.response);
}

// 16: the input DAC's errors are another input, the same in all phases.
TEST(Imperfection, InputErrorsAreAFixedInput) {
  Job job;
  job.chip.dac.bits = 0;
  const auto coded = [](Job& j) {
    j.chip.dac.bits = 12;
    j.chip.dac.inl = 40.0;
    j.chip.dac.gain_error = 0.02;
  };
  const auto at = effect(job, coded, 0.1), at_small = effect(job, coded, 0.0125);
  EXPECT_GT(at.state, 1e-3);
  EXPECT_NEAR(at_small.response, at.response, 0.3 * at.response);
}

// 17: gain of the nudge scales the response, its offset shifts the target, and unequal signs leave
// a one-sided bias of the order beta times the mismatch.
TEST(Imperfection, NudgeGainScalesTheResponse) {
  const auto gain = effect(
      {}, [](Job& j) { j.chip.nudge.strength_error = 0.05; }, 0.0125);
  EXPECT_LT(gain.state, 1e-9);
  EXPECT_NEAR(gain.response, 0.05, 0.002);
}

TEST(Imperfection, NudgeOffsetShiftsTheTarget) {
  Job job;
  job.chip.nudge_dac.bits = 16;
  job.chip.nudge_dac.range = 1.0;
  Job shifted = job;
  shifted.chip.nudge_dac.offset_v = 3e-3;
  const auto a = response(job, run(job)), b = response(shifted, run(shifted));
  // dr_L ~ beta (y - r): the output's response changes by the shift times its slope.
  const double output = std::max(std::abs(a[4] - b[4]), std::abs(a[5] - b[5]));
  EXPECT_GT(output, 0.005);
  EXPECT_LT(output, 0.1);
}

TEST(Imperfection, UnequalNudgeSignsLeaveAOneSidedBias) {
  // (r+ - r-) / 2 beta = r' (1 + m/2) + ... + beta (1 - (1 + m)^2) r''/4: relative to the same
  // response of beta -> 0 the part beyond m/2 falls with beta and grows with m.
  const auto beyond = [](double m, double beta) {
    Job job;
    job.beta = beta;
    const auto even = response(job, run(job));
    job.chip.nudge.sign_mismatch = m;
    const auto odd = response(job, run(job));
    double worst = 0.0;
    for (std::size_t k = 0; k < even.size(); ++k) {
      worst = std::max(worst, std::abs(odd[k] - (1.0 + 0.5 * m) * even[k]));
    }
    return worst;
  };
  const double reference = beyond(0.1, 0.1);
  EXPECT_NEAR(beyond(0.1, 0.05) / reference, 0.5, 0.1);
  EXPECT_NEAR(beyond(0.05, 0.1) / reference, 0.5, 0.1);
}

// 20: a warmer neuron's tanh is flatter, its leak another one: both fixed while phases last.
TEST(Imperfection, TemperatureIsAFixedChange) {
  for (const bool leak : {false, true}) {
    const auto warm = [leak](Job& j) {
      j.chip.temperature_shift_k = leak ? 10.0 : 30.0;
      j.chip.neuron.leak_temperature_coefficient = leak ? 3e-3 : 0.0;
    };
    const auto at = effect({}, warm, 0.1), at_small = effect({}, warm, 0.0125);
    EXPECT_GT(at.state, 5e-3);
    EXPECT_LT(at.response, 0.3);
    EXPECT_NEAR(at_small.response, at.response, 0.3 * at.response);
  }
}

// Circuit 3 in the place of the hard sigmoid: in its ideal limit the same states.
TEST(Imperfection, SteepClampsAreAHardSigmoid) {
  Job job;
  job.network.config.activation = {Activation::hard_sigmoid};
  job.network.config.activation.assign(3, Activation::hard_sigmoid);
  const Held hard = run(job);
  job.chip.neuron.circuit = hw::NeuronCircuit::clamp;
  job.chip.temperature_k = 3.0;  // n U_T = 0.36 mV against rails 100 mV apart
  const Held clamped = run(job);
  EXPECT_LT(largest_difference(hard.free, clamped.free), 0.03);
  job.chip.temperature_k = 300.0;
  EXPECT_GT(largest_difference(hard.free, run(job).free), 0.03);
}

}  // namespace
}  // namespace memprop::bench
