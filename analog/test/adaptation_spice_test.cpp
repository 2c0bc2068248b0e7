// A neuron with each circuit of adaptation against ngspice, which gets capacitors, resistors,
// switches and buffers: a free phase, a taught one (another drive), and the window.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "analog/neuron/adaptation_bank.hpp"
#include "analog/test/neuron_circuit_fixture.hpp"

namespace memprop::analog {
namespace {

constexpr double free_end = 400e-9, taught_end = 900e-9, window_end = 1100e-9;
constexpr double free_a = 0.6e-6, taught_a = -0.3e-6;  // into 10 uS: 60 mV, -30 mV
constexpr double conductance_s = 10.536e-6, hold_f = 1e-12, leakage_a = 20e-9, offset_v = 1e-3;
constexpr double slow_s = 300e-9;

struct Wave {
  std::vector<double> time_s, membrane_v, memory_v;
};

Wave ngspice(bool slow) {
  const auto folder = std::filesystem::temp_directory_path() /
                      (std::string("memprop-adaptation-") +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::create_directories(folder);
  {
    std::ofstream out(folder / "neuron.cir");
    out.precision(17);
    const auto step = [&out](const char* name, double at, double before, double after) {
      out << name << " PWL(0 " << before << ' ' << at - 0.5e-12 << ' ' << before << ' '
          << at + 0.5e-12 << ' ' << after << ")\n";
    };
    out << "* a neuron that adapts\nCm m 0 1p IC=0\nRleak m 0 100k\n";
    step("Idrive 0 m", free_end, free_a, taught_a);
    step("Vhold track 0", free_end, 1, 0);
    step("Vadapt adapt 0", taught_end, 0, 1);
    if (slow) {
      out << "Ebuffer b 0 m 0 1\nRslow b h " << slow_s / hold_f << "\nCh h 0 " << hold_f
          << " IC=0\n";
    } else {
      // Tracking through a switch whose time constant is negligible; droop once it is open.
      out << "Ebuffer b 0 m 0 1\nShold b h track 0 closes\nCh h 0 " << hold_f
          << " IC=0\nBleak h 0 I=(1-V(track))*" << leakage_a << "\n";
    }
    out << "Eback a 0 h 0 1\nVoffset o a " << offset_v << "\nRadapt o s " << 1.0 / conductance_s
        << "\nSadapt s m adapt 0 closes\n"
        << ".model closes SW(VT=0.5 VH=0 RON=1 ROFF=1e15)\n"
        << ".options reltol=1e-6 abstol=1e-16 vntol=1e-9 chgtol=1e-21 gmin=1e-18 method=gear "
           "maxord=2\n"
        << ".control\ntran 0.1n " << window_end << " 0 0.1n uic\n"
        << "set numdgt=12\nset wr_singlescale\nwrdata wave.data v(m) v(h)\nquit\n.endc\n.end\n";
  }
  const std::string command =
      "cd '" + folder.string() + "' && '" MEMPROP_NGSPICE "' -b neuron.cir >log.txt 2>&1";
  const int code = std::system(command.c_str());
  Wave wave;
  std::ifstream in(folder / "wave.data");
  for (double t, m, h; in >> t >> m >> h;) {
    wave.time_s.push_back(t);
    wave.membrane_v.push_back(m);
    wave.memory_v.push_back(h);
  }
  EXPECT_FALSE(wave.time_s.empty()) << "ngspice ended with " << code;
  std::filesystem::remove_all(folder);
  return wave;
}

// Largest difference of the membrane to ngspice [V].
double worst(bool slow) {
  const Wave wave = ngspice(slow);
  AdaptationBankConfig config;
  config.neurons = "layer1/neurons";
  config.conductance_s = {conductance_s};
  config.offset_v = {offset_v};
  config.droop_v_per_s = leakage_a / hold_f;
  if (slow) config.slow_time_constant_s = slow_s;
  config.slow_capacitance_f = hold_f;
  NeuronBank bank(test::plain_neuron());
  AdaptationBank adaptation(config);
  test::Drive drive;
  Domain domain(test::NeuronBench::solver());
  domain.add(adaptation);
  domain.add(drive);
  domain.add(bank);
  domain.elaborate();
  bank.set_held(false);
  drive.current_a = free_a;
  const auto advance = [&](double t) {
    domain.advance_to(static_cast<Ticks>(std::llround(t * 1e12)));
  };
  const auto membrane = [&] { return domain.node_voltages()[bank.nodes().first]; };
  double largest = 0.0;
  int phase = 0;
  for (std::size_t k = 0; k < wave.time_s.size(); ++k) {
    const double t = wave.time_s[k];
    if (phase == 0 && t > free_end) {
      advance(free_end);
      const double held[] = {membrane()};
      adaptation.set_held({held, 1}, free_end);
      drive.current_a = taught_a;
      domain.source_changed();
      ++phase;
    }
    if (phase == 1 && t > taught_end) {
      advance(taught_end);
      adaptation.set_open(true);
      domain.source_changed();
      ++phase;
    }
    advance(t);
    largest = std::max(largest, std::abs(membrane() - wave.membrane_v[k]));
    if (slow) {
      const double w = domain.node_voltages()[adaptation.slow_nodes().first];
      largest = std::max(largest, std::abs(w - wave.memory_v[k]));
    }
  }
  EXPECT_EQ(phase, 2);
  // The window has done something: from -30 mV upwards.
  EXPECT_GT(membrane(), -25e-3);
  return largest;
}

class AdaptationSpice : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::string(MEMPROP_NGSPICE).empty()) GTEST_SKIP() << "not run: ngspice is not installed";
  }
};

// Of full scale, 0.1 V: 1e-4. Found: 5e-6.
TEST_F(AdaptationSpice, TrackAndHold) {
  const double most = worst(false);
  std::printf("largest difference %.1e V\n", most);
  EXPECT_LT(most, 1e-5);
}

TEST_F(AdaptationSpice, SlowVariable) {
  const double most = worst(true);
  std::printf("largest difference %.1e V\n", most);
  EXPECT_LT(most, 1e-5);
}

}  // namespace
}  // namespace memprop::analog
