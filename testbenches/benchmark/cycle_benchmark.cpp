// Speed of the cycle fidelity on the main job's chip (784-128-10, noise on, monitor off), as ratios
// measured in one run, each the best of five in CPU time:
//   - the event kernel: the same schedule, pins and processes with analog and device work stubbed,
//     less the controller's own arithmetic, over the whole;
//   - a training sample over a plain loop that does the same right-hand sides, conversions, random
//     draws and device updates without kernel, stepper or controller;
//   - training samples per CPU-second.
//
//     cycle_benchmark [--samples N] [--gate]      --gate: exit code 1 when a ratio is over its
//     limit
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <systemc>

#include "analog/memristor/presets.hpp"
#include "hw_models/chip_runner.hpp"
#include "hw_models/controller_setup.hpp"
#include "solvers/math/dense.hpp"
#include "solvers/random_stream.hpp"

namespace {

using namespace memprop;

constexpr int repetitions = 5;
constexpr double largest_kernel_share = 0.10;
constexpr double largest_plain_ratio = 2.0;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double cpu_of(const std::function<void()>& work) {
  const double begin = cpu_seconds();
  work();
  return cpu_seconds() - begin;
}

double best_of(const std::function<void()>& work) {
  double best = 1e300;
  for (int k = 0; k < repetitions; ++k) best = std::min(best, cpu_of(work));
  return best;
}

// The main job's chip (examples/fashion_mnist.toml).
hw::ChipConfig main_job_chip() {
  hw::ChipConfig c;
  c.device = analog::device_preset("gokmen-vlasov");
  c.weight_range = {0.25, 0.6};
  c.noise.read = 0.0005;
  c.noise.grid_s = 100e-9;
  c.update.circuit = hw::UpdateCircuit::stochastic;
  c.schedule.nudge_negative = 100;
  c.solver.rtol = 1e-4;
  c.solver.atol = 1e-6;
  return c;
}

learning::Network main_job_network() {
  learning::NetworkConfig n;
  n.layers = {784, 128, 10};
  n.activation = {Activation::tanh};
  n.feedback_gain = {0.1};
  n.time_constant.family = learning::TimeConstantFamily::lognormal;
  n.time_constant.cv = 0.2;
  return learning::build_network(n, 1);
}

// Pictures with the statistics of Fashion-MNIST (half of the pixels dark, mean square about 0.2) in
// ten classes of a fixed pattern each, so that there is something to learn.
struct Samples {
  explicit Samples(std::size_t count) : x(count, 784), y(count, 10) {
    const RandomStream stream(1, "benchmark/samples");
    for (std::size_t s = 0; s < count; ++s) {
      const std::size_t label = s % 10;
      y(s, label) = 1.0F;
      for (std::size_t j = 0; j < 784; ++j) {
        const double pattern = stream.uniform(j, 1000 + label);
        const double value = pattern < 0.5 ? 0.0 : pattern - 0.3 + 0.2 * stream.normal(j, s);
        x(s, j) = static_cast<float>(std::clamp(value, 0.0, 1.0));
      }
    }
  }
  BasicMatrix<float> x, y;
};

// The pins of the analog side with the same processes, doing nothing; conversions return the codes
// of the real run.
class StubAnalog : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, row_en{"row_en"}, nudge_en{"nudge_en"}, nudge_sign{"nudge_sign"},
      x_dac_load{"x_dac_load"}, adc_start{"adc_start"}, upd_en{"upd_en"};
  sc_core::sc_in<std::uint32_t> phase{"phase"}, sh_en{"sh_en"}, adc_bank{"adc_bank"},
      upd_pol{"upd_pol"};
  sc_core::sc_in<hw::Codes> x_code{"x_code"};
  sc_core::sc_vector<sc_core::sc_in<hw::PulseLines>> row_pulse{"row_pulse", 2};
  sc_core::sc_vector<sc_core::sc_in<hw::PulseLines>> col_pulse{"col_pulse", 2};
  sc_core::sc_out<bool> adc_done{"adc_done"};
  sc_core::sc_out<hw::Codes> adc_data{"adc_data"};

  explicit StubAnalog(sc_core::sc_module_name module_name) : sc_module(module_name) {
    SC_HAS_PROCESS(StubAnalog);
    SC_METHOD(tile0);
    sensitive << row_en << phase;
    dont_initialize();
    SC_METHOD(tile1);
    sensitive << row_en << phase;
    dont_initialize();
    SC_METHOD(bank0);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
    SC_METHOD(bank1);
    sensitive << row_en << nudge_en << nudge_sign;
    dont_initialize();
    SC_METHOD(pulse0);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(pulse1);
    sensitive << clk.pos();
    dont_initialize();
    SC_METHOD(hold);
    sensitive << sh_en;
    dont_initialize();
    SC_METHOD(load);
    sensitive << x_dac_load.pos();
    dont_initialize();
    SC_METHOD(convert);
    sensitive << adc_start.pos() << ready_;
    dont_initialize();
  }
  std::vector<std::vector<std::int32_t>> recorded;  // three conversions per sample
  std::size_t next = 0;
  std::uint64_t slots = 0;

 private:
  void tile0() {}
  void tile1() {}
  void bank0() {}
  void bank1() {}
  void pulse0() { slots += upd_en.read(); }
  void pulse1() { slots += upd_en.read(); }
  void hold() {}
  void load() {}
  void convert() {
    if (!ready_.triggered()) {
      adc_done.write(false);
      ready_.notify(25, sc_core::SC_NS);
      return;
    }
    codes_.value = recorded[next++ % recorded.size()];
    adc_data.write(codes_);
    adc_done.write(true);
  }
  sc_core::sc_event ready_{"ready"};
  hw::Codes codes_;
};

struct StubChip : sc_core::sc_module {
  StubChip(sc_core::sc_module_name module_name, const digital::ControllerConfig& config)
      : sc_module(module_name), controller("controller", config), analog("analog") {
    controller.clk(clk), analog.clk(clk);
    controller.rst_n(rst_n), controller.start(start), controller.train(train);
    controller.busy(busy), controller.done(done);
    const auto wire = [](auto& signal, auto& a, auto& b) { a(signal), b(signal); };
    wire(phase, controller.phase, analog.phase);
    wire(x_dac_load, controller.x_dac_load, analog.x_dac_load);
    wire(x_code, controller.x_code, analog.x_code);
    wire(row_en, controller.row_en, analog.row_en);
    wire(nudge_en, controller.nudge_en, analog.nudge_en);
    wire(nudge_sign, controller.nudge_sign, analog.nudge_sign);
    wire(sh_en, controller.sh_en, analog.sh_en);
    wire(adc_start, controller.adc_start, analog.adc_start);
    wire(adc_bank, controller.adc_bank, analog.adc_bank);
    wire(upd_en, controller.upd_en, analog.upd_en);
    wire(upd_pol, controller.upd_pol, analog.upd_pol);
    wire(adc_done, analog.adc_done, controller.adc_done);
    wire(adc_data, analog.adc_data, controller.adc_data);
    for (std::size_t l = 0; l < 2; ++l) {
      wire(row_pulse[l], controller.row_pulse[l], analog.row_pulse[l]);
      wire(col_pulse[l], controller.col_pulse[l], analog.col_pulse[l]);
    }
    SC_HAS_PROCESS(StubChip);
    SC_METHOD(on_done);
    sensitive << done.posedge_event();
    dont_initialize();
  }
  void on_done() { sc_core::sc_pause(); }

  sc_core::sc_clock clk{"clk", sc_core::sc_time(10, sc_core::SC_NS)};
  sc_core::sc_signal<bool> rst_n{"rst_n", true}, start{"start", true}, train{"train", true}, busy,
      done, x_dac_load, row_en, nudge_en, nudge_sign, adc_start, adc_done, upd_en;
  sc_core::sc_signal<std::uint32_t> phase, sh_en, adc_bank, upd_pol;
  sc_core::sc_signal<hw::Codes> x_code, adc_data;
  sc_core::sc_vector<sc_core::sc_signal<hw::PulseLines>> row_pulse{"row_pulse", 2},
      col_pulse{"col_pulse", 2};
  hw::ControllerModule controller;
  StubAnalog analog;
};

// Input codes of sample s, for a DAC of 8 bits.
void load(digital::Controller& target, const Samples& samples, std::size_t s) {
  std::vector<std::uint16_t> codes(784);
  for (std::size_t j = 0; j < codes.size(); ++j) {
    codes[j] = static_cast<std::uint16_t>(std::lround(samples.x(s, j) * 255.0F));
  }
  target.load_input(codes);
}

learning::LearningConfig main_job_learning() {
  learning::LearningConfig learning;
  learning.beta = 0.5;
  learning.rate = {0.003, 0.0005};
  return learning;
}

// The stub runs in a process of its own (a kernel elaborates one chip): the codes go there through
// a file, the CPU seconds per sample come back as text.
double time_stub(const char* program, std::size_t count,
                 const std::vector<std::vector<std::int32_t>>& recorded) {
  std::string path = (std::filesystem::temp_directory_path() / "memprop-benchmark-XXXXXX").string();
  const int file = mkstemp(path.data());
  if (file < 0) throw std::runtime_error("no temporary file");
  for (const auto& codes : recorded) {
    if (write(file, codes.data(), codes.size() * sizeof(codes[0])) < 0) {
      throw std::runtime_error("temporary file not written");
    }
  }
  close(file);
  const auto command = fmt::format("'{}' --samples {} --stub {}", program, count, path);
  FILE* pipe = popen(command.c_str(), "r");
  double seconds = 0;
  const int fields = pipe != nullptr ? std::fscanf(pipe, "%lf", &seconds) : 0;
  if (pipe != nullptr) pclose(pipe);
  unlink(path.c_str());
  if (fields != 1) throw std::runtime_error("the stub gave no figure");
  return seconds;
}

int run_stub(std::size_t count, const char* path) {
  const auto config = main_job_chip();
  const auto network = main_job_network();
  std::vector<double> step;
  {
    analog::DevicePairsConfig pairs;
    pairs.device = config.device;
    const analog::PulseDeviceArray one(config.device, 1, 1, "stub");
    for (std::size_t l = 1; l <= 2; ++l) {
      const double m = config.weight_range[l - 1] / analog::DevicePairs::nominal_range_s(pairs);
      step.push_back(one.nominal_step_s() * m);
    }
  }
  StubChip stub("stub", hw::controller_config(config, network, main_job_learning(), step, 1));
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return 1;
  std::vector<std::int32_t> codes(138);
  while (std::fread(codes.data(), sizeof(codes[0]), codes.size(), file) == codes.size()) {
    stub.analog.recorded.push_back(codes);
  }
  std::fclose(file);
  const Samples samples(count);
  const double seconds = best_of([&] {
    stub.analog.next = 0;
    for (std::size_t s = 0; s < count; ++s) {
      load(stub.controller.core(), samples, s);
      sc_core::sc_start();
    }
  });
  fmt::print("{}\n", seconds / static_cast<double>(count));
  return 0;
}

// What one sample costs without any structure around it.
class PlainLoop {
 public:
  PlainLoop(const hw::ChipConfig& chip, const learning::Network& network)
      : tile1_(chip.device, 784 * 128, 1, "plain/1"),
        tile2_(chip.device, 128 * 10, 1, "plain/2"),
        w1_(network.weight[0]),
        w2_(network.weight[1]),
        noise_(1, "plain/noise") {}

  // right-hand sides, grid points of the noise, pulse lists and pulses per list of each tile
  void sample(double rhs, double grid, double lists1, double pulses1, double lists2,
              double pulses2) {
    ++event_;
    std::fill(drive_.begin(), drive_.end(), 0.0);
    noise_.normals(0, event_, row_draw_);
    add_product(w1_.data(), 128, 784, 784, row_.data(), 1.0, drive_.data());
    for (std::size_t i = 0; i < 128; ++i) {
      double sum = 0.0;
      const double* g = w1_.data() + i * 784;
#pragma omp simd reduction(+ : sum)
      for (std::size_t j = 0; j < 784; ++j) sum += (g[j] * g[j] + 1.0) * row_[j] * row_[j];
      variance_[i] = sum;
    }
    for (double k = 0; k < grid; k += 1.0) {
      noise_.normals(0, event_, {draw_.data(), 266});
      for (std::size_t i = 0; i < 128; ++i) {
        noise_a_[i] = 0.6 * noise_a_[i] + 1e-6 * std::sqrt(variance_[i]) * draw_[i];
      }
      // The fluctuating currents of the small tile, in both directions.
      for (std::size_t i = 0; i < 10; ++i) {
        const double* g = w2_.data() + i * 128;
        double sum = 0.0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t j = 0; j < 128; ++j) {
          sum += (g[j] * g[j] + 1.0) * r_[j] * r_[j];
          row_variance_[j] += (g[j] * g[j] + 1.0) * r_[128 + i] * r_[128 + i];
        }
        variance_[128 + i] = sum;
      }
    }
    for (double k = 0; k < rhs; k += 1.0) right_hand_side();
    for (int bank = 0; bank < 3; ++bank) {
      noise_.normals(0, event_ + static_cast<std::uint64_t>(bank), {draw_.data(), 138});
      for (std::size_t i = 0; i < 138; ++i) {
        codes_ += static_cast<std::int64_t>(std::nearbyint((r_[i] + 1e-3 * draw_[i]) * 511.0));
      }
    }
    pulses(tile1_, lists1, pulses1);
    pulses(tile2_, lists2, pulses2);
  }
  std::int64_t codes() const { return codes_; }

 private:
  void right_hand_side() {
    activate(Activation::tanh, v_.data(), r_.data(), 138);
    for (std::size_t i = 0; i < 128; ++i) slope_[i] = drive_[i] + noise_a_[i] - v_[i];
    for (std::size_t i = 128; i < 138; ++i) slope_[i] = -v_[i];
    add_product(w2_.data(), 10, 128, 128, r_.data(), 1.0, slope_.data() + 128);
    add_transposed_product(w2_.data(), 10, 128, 128, r_.data() + 128, 0.1, slope_.data());
    for (std::size_t i = 0; i < 138; ++i) v_[i] += 1e-3 * slope_[i];
  }
  void pulses(analog::PulseDeviceArray& array, double lists, double per_list) {
    const auto n = static_cast<std::size_t>(std::llround(per_list));
    const auto stride = static_cast<std::uint32_t>(array.size() / std::max<std::size_t>(n, 1));
    for (double k = 0; k < lists; k += 1.0) {
      cells_.clear();
      const auto first = static_cast<std::uint32_t>(k);
      for (std::uint32_t p = 0; p < n; ++p) {
        cells_.push_back((first + p * stride) % static_cast<std::uint32_t>(array.size()));
      }
      array.pulse(cells_, static_cast<int>(k) % 2 == 0,
                  event_ * 4096 + static_cast<std::uint64_t>(k));
    }
  }

  analog::PulseDeviceArray tile1_, tile2_;
  Matrix w1_, w2_;
  RandomStream noise_;
  std::vector<double> row_ = std::vector<double>(784, 0.3), drive_ = std::vector<double>(128),
                      variance_ = std::vector<double>(138), draw_ = std::vector<double>(266),
                      noise_a_ = std::vector<double>(128), v_ = std::vector<double>(138, 0.1),
                      r_ = std::vector<double>(138), slope_ = std::vector<double>(138),
                      row_draw_ = std::vector<double>(784),
                      row_variance_ = std::vector<double>(128);
  std::vector<std::uint32_t> cells_;
  std::uint64_t event_ = 0;
  std::int64_t codes_ = 0;
};

}  // namespace

int sc_main(int argc, char** argv) {
  std::size_t count = 200;
  bool gate = false;
  const char* stub_file = nullptr;
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--gate") == 0) gate = true;
    if (std::strcmp(argv[k], "--stub") == 0 && k + 1 < argc) stub_file = argv[k + 1];
    if (std::strcmp(argv[k], "--samples") == 0 && k + 1 < argc) {
      count = static_cast<std::size_t>(std::atoi(argv[k + 1]));
    }
  }
  if (stub_file != nullptr) return run_stub(count, stub_file);
  const auto chip_config = main_job_chip();
  const auto network = main_job_network();
  const auto learning = main_job_learning();
  const Samples samples(count);
  const auto n = static_cast<double>(count);

  hw::ChipRunner runner("runner", chip_config, network, learning, 1);
  std::vector<std::vector<std::int32_t>> recorded;  // three conversions per sample
  const auto& counters = runner.chip().controller().core().counters();
  const auto& domain = runner.chip().analog().bridge().domain();
  // Weights settle into what training looks like before anything is measured; the codes are kept.
  for (std::size_t s = 0; s < count; ++s)
    runner.run_sample(samples.x.row(s), samples.y.row(s), true);
  for (std::size_t s = 0; s < count; ++s) {
    runner.run_sample(samples.x.row(s), samples.y.row(s), true);
    for (std::size_t bank = 0; bank < 3; ++bank) {
      const auto codes = runner.chip().controller().core().latched(bank);
      recorded.emplace_back(codes.begin(), codes.end());
    }
  }
  const auto cycles_before = counters.busy_cycles;
  const auto rhs_before = domain.stepper().counters().rhs;
  std::uint64_t slots_before[2], pulses_before[2];
  const auto tile_pulses = [&](std::size_t l) {
    const auto c = runner.chip().analog().tile(l).pairs().counters();
    return c.set_pulses + c.reset_pulses;
  };
  for (std::size_t l = 1; l <= 2; ++l) {
    slots_before[l - 1] = runner.chip().analog().tile(l).slots();
    pulses_before[l - 1] = tile_pulses(l);
  }
  const auto run_all = [&] {
    for (std::size_t k = 0; k < count; ++k) {
      runner.run_sample(samples.x.row(k), samples.y.row(k), true);
    }
  };
  run_all();  // what a sample does, counted
  const double runs = n;
  const double cycles = static_cast<double>(counters.busy_cycles - cycles_before) / runs;
  const double rhs = static_cast<double>(domain.stepper().counters().rhs - rhs_before) / runs;
  double lists[2], per_list[2], all_pulses = 0;
  for (std::size_t l = 1; l <= 2; ++l) {
    const auto slots =
        static_cast<double>(runner.chip().analog().tile(l).slots() - slots_before[l - 1]);
    const auto pulses = static_cast<double>(tile_pulses(l) - pulses_before[l - 1]);
    lists[l - 1] = slots / runs;
    per_list[l - 1] = slots > 0 ? pulses / slots : 0.0;
    all_pulses += pulses / runs;
  }

  // The controller's arithmetic alone, on the same codes.
  digital::Controller controller(runner.chip().controller().core().config());
  double stub_cycles = 0;
  const auto plan_all = [&] {
    const auto begin = controller.counters().busy_cycles;
    std::size_t next = 0;
    for (std::size_t s = 0; s < count; ++s) {
      load(controller, samples, s);
      digital::ControllerInputs in;
      in.start = in.train = true;
      do {
        in.adc_done = controller.outputs().adc_start;
        if (in.adc_done) in.adc_data = recorded[next++];
        controller.step(in);
      } while (!controller.outputs().done);
    }
    stub_cycles = static_cast<double>(controller.counters().busy_cycles - begin) / n;
  };
  PlainLoop plain(chip_config, network);
  const auto& phases = chip_config.schedule;
  const double grid = (phases.load + phases.free + phases.nudge_positive + phases.nudge_negative +
                       3 * (phases.sample + phases.convert)) *
                      chip_config.clock_s / chip_config.noise.grid_s;
  // Taken in turns: what the machine does meanwhile falls on all. A gate takes more turns before it
  // says no, because the best of more is the better figure.
  double full = 1e300, loop = 1e300, arithmetic = 1e300, stubbed = 1e300;
  bool ok = false;
  for (int attempt = 0; attempt < (gate ? 4 : 1) && !ok; ++attempt) {
    for (int k = 0; k < repetitions; ++k) {
      full = std::min(full, cpu_of(run_all) / n);
      arithmetic = std::min(arithmetic, cpu_of(plan_all) / n);
      loop =
          std::min(loop, cpu_of([&] {
                           for (std::size_t s = 0; s < count; ++s) {
                             plain.sample(rhs, grid, lists[0], per_list[0], lists[1], per_list[1]);
                           }
                         }) / n);
    }
    stubbed = std::min(stubbed, time_stub(argv[0], count, recorded));
    ok =
        (stubbed - arithmetic) / full <= largest_kernel_share && full / loop <= largest_plain_ratio;
  }
  const double kernel = std::max(0.0, stubbed - arithmetic);

  fmt::print("per training sample: {:.0f} cycles, {:.0f} right-hand sides, {:.0f} pulses\n", cycles,
             rhs, all_pulses);
  fmt::print("whole sample             {:8.1f} us  ({:.0f} training samples per CPU-second)\n",
             1e6 * full, 1.0 / full);
  fmt::print("kernel, pins, controller {:8.1f} us  (of these the controller's arithmetic {:.1f})\n",
             1e6 * stubbed, 1e6 * arithmetic);
  fmt::print("event kernel share       {:8.3f}     (limit {:.2f}; {:.0f} stub cycles)\n",
             kernel / full, largest_kernel_share, stub_cycles);
  fmt::print("plain loop               {:8.1f} us\n", 1e6 * loop);
  fmt::print("sample over plain loop   {:8.3f}     (limit {:.2f}; {})\n", full / loop,
             largest_plain_ratio, plain.codes() == 0 ? "idle" : "same work");
  return gate && !ok ? 1 : 0;
}
